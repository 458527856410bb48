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
  expect(wordsIn('Consulte el estado en el portal.', 'RE: Hemos recibido su solicitud')).toBe('Hemos recibido su solicitud');
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
])('L15 a notice of absence is known by its text: %j', (text, words) => {
  expect(wordsIn(text)).toBe(words);
});

test.each([
  'Estuve de vacaciones hasta ayer y el reporte no sale.',
  'Les informo que estaré fuera de la oficina; el contacto es Luis.',
  'Estoy de vacaciones y no puedo aprobar facturas.',
  'Estoy fuera de la oficina. ¿Cómo entro a la VPN? Es urgente.',
])('L16 %j is what a person writes about an absence', (text) => {
  expect(wordsIn(text)).toBeNull();
});

test.each([
  ['Aproveche. Si no desea recibir más correos, avísenos.', 'no desea recibir más correos'],
  ['Oferta\n\nVer en el navegador', 'Ver en el navegador'],
  ['Webinar. Cancelar suscripción <https://x.example/u>', 'Cancelar suscripción <https:'],
  ['Para darse de baja haga clic aquí', 'darse de baja haga clic aquí'],
])('L12 mail to many without List-Unsubscribe is known by what stands below it: %j', (text, words) => {
  expect(wordsIn('Novedades', 'Novedades', text)).toBe(words);
});

test.each([
  ['Su código de verificación es 552211.', 'Su código de verificación es'],
  ['Para activar su cuenta haga clic en el enlace.', 'Para activar su cuenta haga clic'],
  ['Si usted no la solicitó, ignore este mensaje.', 'Si usted no la solicitó, ignore este mensaje'],
  ['If you did not request this, ignore this e-mail.', 'If you did not request this, ignore this'],
  ['Host: srv1\nOriginal problem ID: 12', 'Original problem ID: 1'],
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
