import type { CaseText } from './caseText.ts';

interface Service {
  pattern: RegExp;
  says: string;
  saysNot: string;
}

function service(source: string, says: string, saysNot: string): Service {
  return { pattern: new RegExp(`(?<![a-z])(?:${source})(?![a-z])`), says, saysNot };
}

/** What support staff do for a client without changing the product: explain, give access, change data, install. */
export const SERVICES: readonly Service[] = [
  service(
    'como (?:se )?(?:hago|hacemos|puedo|podemos|debo|debemos|se hace|se puede|hacer|asocio|registro|configuro|genero|creo|cambio|consulto|ingreso|computar|es el (?:proceso|procedimiento))|(?:me |nos )?(?:pueden|podrian|puede|podria|podeis) (?:explicar|orientar|indicar (?:como|donde|el paso)|decir(?:me|nos)? (?:como|donde|si)|ayudar a (?:configurar|entender))|no se (?:como|donde|cual)|no sabemos (?:como|donde|bien)|donde (?:encuentro|esta|puedo|queda|consigo)|(?:necesito|quisiera|quiero) saber (?:como|donde|en donde|cual)|how (?:do|can|to) (?:i|we)?|where (?:can|do) (?:i|we)|como (?:faco|fazer|posso)',
    'como hago para anular una factura',
    'como usuario no puedo entrar',
  ),
  service(
    'capacitacion(?:es)?|formacion (?:de|del|en|para|con|sobre)|entrenamiento|manual de usuario|tutorial|videollamada para|training|treinamento',
    'solicitamos una capacitacion',
    'informacion del cliente',
  ),
  service(
    '(?:crear|creen|creacion de|restablezcan|reseteen|desbloqueen|asignen|activen|habiliten|habilitar|inactivar|desactivar|dar de (?:alta|baja) (?:a|al|el|un)|activar|eliminar|desbloquear|asignar|dar|den|otorgar|quitar|cambiar|restablecer|resetear|reset|create|grant|unlock) (?:el |la |los |las |un |una |nuevos? |accesos? |a |al |the |an? |my )*(?:usuari[oa]s?|accesos?|permisos?|roles|perfil(?:es)?|claves?|contrasenas?|passwords?|users?|access|permissions?|licencias?|cuentas? de usuario)',
    'por favor crear un usuario',
    'crear un campo nuevo',
  ),
  service(
    '(?:importar|cargar|subir|migrar|actualizar|modificar|corregir|anular|eliminar|reversar|cambiar|poner|abrir|cerrar)(?: [a-z]{1,12}){0,3} (?:adjunt[oa]s?|anex[oa]s?|del (?:pedido|voucher|documento|cliente|periodo) 0|de la (?:reserva|factura|orden|cuenta) 0|el (?:periodo|ano|mes) 0|0)|(?:adjunto|envio|anexo)(?: [a-z]{1,12}){0,6} para (?:importar|cargar|subir|que (?:lo|la|los|las) (?:carguen|suban|importen))',
    'favor anular la factura 0',
    'cargar archivos desde el portal',
  ),
  service(
    '(?:instalar|instalen|instalacion de|reinstalar|configurar|install)(?: [a-z0]{1,14}){0,5} (?:equipos?|computador(?:es)?|ordenador(?:es)?|portatil|servidor|maquina|nuevo|nueva|pc|computer|laptop|server)',
    'instalar el programa en un equipo nuevo',
    'despues de instalar falla',
  ),
  service(
    'como (?:lo |la |los |las |se |le )?[a-z]{3,14} [^.!?]{0,160}\\?|que (?:debo|debemos|tengo que|hay que) (?:contestar|responder|poner|hacer|escoger) (?:en|ahi|para|con)|cual es (?:la diferencia|el paso|la ruta|el procedimiento)|tiene sentido|(?:nos|me) (?:pueden|podrian) llamar para',
    'como se registran los saldos de apertura ?',
    'como se muestra en la imagen',
  ),
  service(
    '(?<!al |de |tras |lo )(?:instalar(?:les?|nos|me)|instalen|instaleis|que (?:nos|me|le|les) (?:instalen|importen|carguen|creen|activen|configuren))',
    'necesitamos que nos instalen el cliente',
    'despues de instalarlo falla',
  ),
  service(
    'adjunt[oa]s?(?: [a-z0]{1,20}){0,12} (?<!al )(?:import(?:ar|en)|carg(?:ar|uen)|dar de alta)|import(?:ar|en|acion de) (?:los |las |el |la )?(?:datos|articulos|clientes|productos|tarifas|saldos|terceros|plan)|(?:modificar|actualizar|eliminar|crear|cargar|anular) (?:los|las) siguientes',
    'adjunto el archivo de terceros para importar',
    'adjunto pantallazo del error al importar',
  ),
];

/** Is it a question or a service rather than a failure or an improvement? A person should look: neither kind fits well. */
export function asksForService({ subject, text }: CaseText): boolean {
  const line = [...subject, { text: '.' }, ...text].map((word) => word.text).join(' ');
  return SERVICES.some(({ pattern }) => pattern.test(line));
}
