import { expect, test } from '@jest/globals';
import { givenIn, missingIn, WAYS_TO_GIVE } from '../../src/desk/missing.ts';
import type { MissingGroup } from '../../src/desk/ticket.ts';

const ALL: MissingGroup[] = ['ambiente', 'versiones', 'contacto', 'acceso remoto'];
const without = (...given: MissingGroup[]): MissingGroup[] => ALL.filter((group) => !given.includes(group));

const MAILS: readonly (readonly [string, MissingGroup[]])[] = [
  ['No abre el módulo de facturación.', ALL],
  ['En el ambiente de producción no abre el módulo de facturación.', without('ambiente')],
  ['Error en PRODUCCION al radicar.', without('ambiente')],
  ['El error sale en calidad, en producción no.', without('ambiente')],
  ['Ocurre en el servidor 10.20.1.15, puerto 8443.', without('ambiente')],
  ['La orden de producción no se deja cerrar.', ALL],
  ['Tenemos la versión 8.2.1 y no genera el archivo.', without('versiones')],
  ['SecureFile v5.3 no cifra los archivos.', without('versiones')],
  ['Desde la última versión no genera el archivo.', ALL],
  ['Falla con Oracle 19c y Windows Server 2019.', without('versiones')],
  ['La factura 8.250.300 sale sin IVA.', ALL],
  ['Mi teléfono es 310 555 1234 para que me llamen.', without('contacto')],
  ['Me pueden marcar al (601) 555 0199 ext. 204.', without('contacto')],
  ['Cualquier duda con Marta Ruiz, marta.ruiz@cliente.example.', without('contacto')],
  ['El correo de notificaciones no llega.', ALL],
  ['Se pueden conectar por AnyDesk 123 456 789.', without('acceso remoto')],
  ['Hay acceso por VPN con el usuario que ustedes tienen.', without('acceso remoto')],
  ['No contamos con acceso remoto.', without('acceso remoto')],
  ['La VPN no conecta desde ayer.', ALL],
  ['Sucede en el ambiente de pruebas.', without('ambiente')],
  ['The test environment shows an error.', without('ambiente')],
  ['No ambiente de homologação aparece um erro.', without('ambiente')],
  ['La URL es https://portal.cliente.example/login y no carga.', without('ambiente')],
  ['Ruta: C:\\Apps\\SecureFile\\conf', without('ambiente')],
  ['Ambiente: QA', without('ambiente')],
  ['No hay buen ambiente con la herramienta.', ALL],
  ['La calidad del reporte es mala.', ALL],
  ['El desarrollo que entregaron no funciona.', ALL],
  ['Aplicamos el parche 12 y sigue igual.', without('versiones')],
  ['Usamos Tomcat 9.0.71 y Java 11.', without('versiones')],
  ['Release 2026.1 instalado ayer.', without('versiones')],
  ['Versão 4.2 do aplicativo.', without('versiones')],
  ['Pagamos la factura 2024 en la caja 3.', ALL],
  ['Cel. 300-555-1234', without('contacto')],
  ['Contacto: Sandra Mora, coordinadora.', without('contacto')],
  ['Please call me at +1 555 010 0199.', without('contacto')],
  ['El teléfono del cliente sale vacío en la factura.', ALL],
  ['El contacto del proveedor no se guarda.', ALL],
  ['Les podemos dar acceso remoto cuando quieran.', without('acceso remoto')],
  ['Pueden entrar por VPN.', without('acceso remoto')],
  ['We can give you remote access via TeamViewer.', without('acceso remoto')],
  ['AnyDesk no abre en el equipo.', ALL],
  ['Producción, versión 7.1, contacto Luis Gómez ext. 105, conexión por TeamViewer.', []],
];

test.each(MAILS)('a mail that says "%s" lacks %j', (newText, missing) => {
  expect(missingIn({ subject: '', newText, signature: '' })).toEqual(missing);
});

test('what the subject gives is not missing', () => {
  expect(missingIn({ subject: 'Error en producción v8.1', newText: 'No abre.', signature: '' })).toEqual(['contacto', 'acceso remoto']);
});

test('a signature is contact data', () => {
  expect(missingIn({ subject: '', newText: 'No abre.', signature: 'Ana Pérez\nTesorera' })).toEqual(without('contacto'));
});

test('what is given is told with its words', () => {
  const given = givenIn({ subject: '', newText: 'En producción, versión 8.2.1, AnyDesk 123 456 789', signature: 'Ana Pérez\nTesorera' });

  expect(given).toEqual({ ambiente: 'En produccion', versiones: 'version 8.2.1', contacto: 'Ana Pérez', 'acceso remoto': 'AnyDesk' });
});

test('each way to give information finds its own words, and not its near miss', () => {
  for (const { pattern, says, saysNot } of WAYS_TO_GIVE) {
    expect([says, pattern.test(says)]).toEqual([says, true]);
    expect([saysNot, pattern.test(saysNot)]).toEqual([saysNot, false]);
  }
});
