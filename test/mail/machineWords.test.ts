import { expect, test } from '@jest/globals';
import { machineWordsIn } from '../../src/mail/machineWords.ts';

const wordsIn = (newText: string, subject = 'Informe', signature = '') => machineWordsIn({ subject, newText, signature });

test.each([
  ['Apreciado cliente: hemos recibido su solicitud y pronto la atenderemos.', 'hemos recibido su solicitud'],
  ['Su ticket ha sido creado con el número 88.', 'Su ticket ha sido creado'],
  ['Estimado usuario,\n\nsu caso #88 fue registrado exitosamente.', 'su caso #88 fue registrado'],
  ['Confirmamos la recepción de su mensaje.', 'Confirmamos la recepción de su mensaje'],
  ['Hi,\n\nYour request (#88) has been received.', 'Your request (#88) has been received'],
  ['We have received your message and opened a case.', 'We have received your message'],
  ['Olá, recebemos a sua mensagem.', 'recebemos a sua mensagem'],
  ['Seu chamado 88 foi aberto.', 'Seu chamado 88 foi aberto'],
  ['Gracias por escribirnos. Un asesor lo contactará mañana.', 'Un asesor lo contactará'],
  ['Thank you for contacting us. Our team will get back to you.', 'Our team will get back'],
])('L21 another desk that says %j is not answered', (text, words) => {
  expect(wordsIn(text)).toBe(words);
});

test('L21 its subject counts as well', () => {
  expect(wordsIn('Consulte el estado en el portal.', 'Hemos recibido su solicitud')).toBe('Hemos recibido su solicitud');
});

test.each([
  ['Gracias por su mensaje. Le responderemos pronto.', 'Le responderemos'],
  ['Buenos días\n\nHemos recibido su reclamo', 'Hemos recibido su reclamo'],
  ['Se ha creado el ticket #88 con su solicitud. Por favor conserve este número.', 'Se ha creado el ticket #88 con su'],
  ['Estimado usuario: le informamos que su solicitud 88 ha sido cerrada.', 'le informamos que su solicitud 88 ha sido cerrada'],
  ['Case 88 has been created for your request. If the issue persists, please reply to this message.', 'Case 88 has been created for your'],
  ['Hemos recibido su mensaje. Si el problema persiste, por favor comuníquese al 01 8000.', 'Hemos recibido su mensaje'],
  ['Hemos recibido su mensaje. Si recibió este correo por error, por favor elimínelo.', 'Hemos recibido su mensaje'],
])('L21 neither are greetings, what a desk asks for, nor a legal notice what a person says: %j', (text, words) => {
  expect(wordsIn(text)).toBe(words);
});

test.each([
  ['our own acknowledgement is answered', 'Ambiente: calidad', 'RE: Recibimos su solicitud [ITAC #123-K7Q]'],
  ['a request', 'Buenas tardes\n\nHemos recibido su correo. Por favor enviar el instalador.', 'Instalador'],
  ['a need', 'Recibimos su correo ayer. Necesitamos la integración el viernes.', 'Integración'],
  ['an objection', 'Hemos recibido su correo con el parche, pero el servicio no levanta.', 'Parche'],
  ['a complaint', 'Siempre lo mismo: hemos recibido su solicitud. Exijo una solución.', 'Queja'],
  ['what we asked for', 'Hemos recibido su requerimiento. La versión es la 3.2.', 'Datos'],
  ['a name', 'Le hemos asignado el caso a Luis, de nuestra área.', 'Instalación'],
  ['a decision', 'Su solicitud fue revisada por nuestro comité y queda aprobada.', 'Ventana'],
  ['a request in Portuguese', 'Seu chamado 88 foi aberto no ambiente errado, favor corrigir.', 'Chamado'],
  ['a request in English', 'Thanks for your email. We will review your proposal. Please restart node 3.', 'Proposal'],
  ['the subject of a mail that came', 'Me llegó este mensaje y nos sale página no encontrada.', 'Su ticket ha sido creado'],
])('L21 who has had our mail is a person who writes %s', (_, text, subject) => {
  expect(wordsIn(text, subject)).toBeNull();
});

test.each([
  'Hemos recibido dos facturas con el mismo número.',
  'Hemos recibido la solicitud de un usuario que no entra.',
  'Hemos creado el ticket INC-88 para el seguimiento; por favor su ayuda.',
  'Hemos recibido su mensaje. ¿A qué hora instalan?',
  'Gracias por contactarnos tan rápido. El error sigue igual.',
  'Thank you for your message. The error is the same.',
  'El caso que registré ayer bajo el número 889 sigue abierto.',
  'El portal dice "Su ticket ha sido creado" y no aparece.',
])('L21 %j is what a person writes', (text) => {
  expect(wordsIn(text)).toBeNull();
});

test.each([
  ['Hola, en este momento me encuentro fuera de la oficina, regreso el lunes.', 'en este momento me encuentro fuera de la oficina'],
  ['Estaré de vacaciones hasta el lunes. Para asuntos urgentes escriba a Luis.', 'Estaré de vacaciones'],
  ['I am currently out of the office and will return on Monday.', 'I am currently out of the office'],
  ['Estou de férias e retorno no dia 15.', 'Estou de férias'],
  [
    'Me encuentro disfrutando de mi período de vacaciones. Por favor escribir a Luis.',
    'Me encuentro disfrutando de mi período de vacaciones',
  ],
  ['No estaré en la oficina hasta el lunes. Por favor enviar su solicitud a Luis.', 'No estaré en la oficina'],
])('L15 a notice of absence is known by its text: %j', (text, words) => {
  expect(wordsIn(text)).toBe(words);
});

test.each([
  'Estuve de vacaciones hasta ayer y el reporte no sale.',
  'Les informo que estaré fuera de la oficina; el contacto es Luis.',
  'Estoy de vacaciones y no puedo aprobar facturas.',
  'Estoy fuera de la oficina. ¿Cómo entro a la VPN? Es urgente.',
  'Estoy en la oficina de Cali y no tengo acceso. Volveré el lunes.',
  'Estoy de viaje, el token no genera código. Es urgente.',
  'Estoy fuera de la oficina y necesito acceso por VPN. Regreso el lunes.',
  'Me encuentro de viaje y regreso el lunes; agradezco que instalen el certificado.',
  'Estaré de licencia. En mi ausencia requerimos un usuario para Camilo.',
  'I am out of the office, but users report that the login fails. Please contact Luis.',
])('L16 %j is what a person writes about an absence', (text) => {
  expect(wordsIn(text)).toBeNull();
});

test.each([
  ['Aproveche. Si no desea recibir más correos haga clic aquí.', 'no desea recibir más correos'],
  ['Si no deseas recibir estos correos, responde BAJA.', 'no deseas recibir estos correos'],
  ['Oferta\n\nVer en el navegador', 'Ver en el navegador'],
  ['Webinar. Cancelar suscripción <https://x.example/u>', 'Cancelar suscripción <https:'],
  ['Para darse de baja haga clic aquí', 'darse de baja haga clic aquí'],
  ['Se não deseja mais receber nossos e-mails, clique aqui.', 'não deseja mais receber nossos'],
])('L12 mail to many without List-Unsubscribe is known by what stands below it: %j', (text, words) => {
  expect(wordsIn('Novedades', 'Novedades', text)).toBe(words);
});

test.each([
  ['Su código de verificación es 552211.', 'Su código de verificación es'],
  ['Para activar su cuenta haga clic en el enlace.', 'Para activar su cuenta haga clic'],
  ['Si usted no la solicitó, ignore este mensaje.', 'Si usted no la solicitó, ignore este mensaje'],
  ['If you did not request this, ignore this e-mail.', 'If you did not request this, ignore this'],
  ['Host: srv1\nOriginal problem ID: 12', 'Original problem ID: 1'],
  ['Trigger: Free disk space\nTrigger status: PROBLEM', 'Trigger status: P'],
  ['***** Nagios *****\n\nNotification Type: PROBLEM', 'Notification Type: PROBLEM'],
])('S16 L20 mail of a service or a monitor is known by its text: %j', (text, words) => {
  expect(wordsIn(text)).toBe(words);
});

test.each([
  'Queremos cancelar la suscripción del módulo de inventarios.',
  'Por favor dar de baja al usuario jgomez.',
  'El código de verificación no llega al celular.',
  'Por favor restablecer la contraseña del usuario lgomez.',
  'Suscríbase a nuestro boletín en https://andes.example/boletin',
  'Buenos días, el botón de ver en el navegador se queda en gris.',
  'La opción de darse de baja no funciona: al dar clic aquí se cierra.',
  'El correo dice: Su código de verificación es 552211, y aparece como inválido.',
  'Llega este aviso cada hora, por favor revisar el disco.\n\nNotification Type: PROBLEM\nHost: srv1',
  'Adjunto el formato diligenciado.\n\nAna\n\nUsted recibe este correo porque está en nuestra base de datos.',
  'El texto debe decir: hemos recibido su solicitud.',
  'Ya quedó.\n\nAna\n\nSi no desea recibir más información, escriba a datos@andes.example.',
])('%j is no word of a machine', (text) => {
  expect(wordsIn(text)).toBeNull();
});

test('what somebody passes on says so of itself', () => {
  expect(wordsIn('Su ticket ha sido creado con el número 88.', 'RV: Su ticket ha sido creado')).toBeNull();
});

test.each(['su caso ', 'gracias por ', 'un asesor ', 'your request ', '. ', ',', '¿', 'https:', 'darse de baja '])(
  'S20 100 kB of %j are searched in linear time',
  (bait) => {
    const text = bait.repeat(100_000 / bait.length);
    const start = performance.now();

    wordsIn(text, text, text);

    expect(performance.now() - start).toBeLessThan(500);
  },
);
