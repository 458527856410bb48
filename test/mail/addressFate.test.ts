import { expect, test } from '@jest/globals';
import { failedStatusIn, givesReason, isPermanent, statusIn } from '../../src/mail/addressFate.ts';

test.each([
  '550 5.1.1 User unknown',
  '550 no such user here',
  "Sorry, I couldn't find any host named cliente.example",
  'Host or domain name not found',
  'No MX or A records for cliente.example',
  'all relevant MX records point to non-existent hosts',
  'The e-mail account does not exist at the organization this message was sent to',
  'The email account that you tried to reach is inactive',
  'User ana (ana@cliente.example) not listed in Domino Directory',
  '550 El usuario ana@cliente.example no existe en este servidor',
  '550 Casilla inexistente',
  'Esta casilla ha expirado por falta de uso',
  'Lo siento, no hay ningun buzon con ese nombre',
  'No se encontró la dirección de correo electrónico',
  'La cuenta ana@cliente.example se encuentra deshabilitada',
  '550 Conta de e-mail inexistente',
  'usuário desconhecido',
  "Adresse d'au moins un destinataire invalide",
  'Postfach existiert nicht',
])('the address is lost for good: %s', (diagnostic) => {
  expect(givesReason(diagnostic)).toBe(true);
  expect(isPermanent('5.0.0', diagnostic)).toBe(true);
});

test.each([
  '552 5.2.2 Over quota',
  'The users mailfolder is over the allowed quota (size)',
  "The recipient's inbox is out of storage space and inactive",
  'User mailbox exceeds allowed size: ana@cliente.example',
  'El buzón de ana@cliente.example está lleno',
  'El destinatario ana@cliente.example ha excedido su cuota de disco',
  'El buzon del usuario ha superado el espacio asignado',
  'La bandeja de entrada está llena',
  'a caixa postal do destinatário está cheia',
  'Cota de armazenamento excedida',
  'boîte pleine',
  'Casella di posta piena',
])('L27 a mailbox that holds no more is not lost: %s', (diagnostic) => {
  expect(givesReason(diagnostic)).toBe(true);
  expect(isPermanent('5.0.0', diagnostic)).toBe(false);
});

test.each([
  ['5.1.8', 'Sender address rejected: Domain not found'],
  ['5.1.7', 'No such domain itac.example'],
  ['5.0.0', '550-Verification failed for <soporte@itac.co> 550-No Such User Here 550 Sender verify failed'],
  ['5.7.1', '<mail.itac.co>: Helo command rejected: Host not found'],
  ['5.0.0', 'Connected but my name was rejected. Remote host said: 501 Invalid domain name'],
])('what is said of us (%s %s) says nothing of the address', (status, diagnostic) => {
  expect(isPermanent(status, diagnostic)).toBeNull();
});

test.each([
  ['5.6.0', 'Message contains invalid header'],
  ['5.3.4', 'Message size exceeds fixed limit'],
  ['5.7.26', "Unauthenticated email from itac.co is not accepted due to domain's DMARC policy"],
  ['5.7.1', 'Service unavailable; Client host blocked using a list'],
  ['5.7.124', 'RESOLVER.RST.SenderNotInAllowedSendersList; not authorized'],
])('what is said of the mail or of the way (%s %s) says nothing of the address', (status, diagnostic) => {
  expect(isPermanent(status, diagnostic)).toBeNull();
});

test.each([
  ['4.4.1', ''],
  ['5.0.0', '450 4.2.0 Recipient address rejected: Greylisted'],
  ['5.0.0', 'Name service error: Host not found, try again'],
  [null, '451 mailbox temporarily unavailable'],
  [null, 'Error temporal, vuelva a intentar más tarde'],
])('%s %s passes', (status, diagnostic) => {
  expect(isPermanent(status, diagnostic)).toBe(false);
});

test('the status of a failure is told apart from what went well before it, from addresses and from versions', () => {
  const session = 'Exim 4.94.2 at 192.0.2.5\n<-- 250 2.1.0 Sender ok\n<-- 550 5.1.1 User unknown';

  expect(failedStatusIn(session)).toBe('5.1.1');
  expect(statusIn(session)).toBe('2.1.0');
});

test.each([
  ['550 no such user', true],
  ['#550 5.1.1 RESOLVER', true],
  ['(#5.1.1)', true],
  ['llame al 555 0100', false],
  ['pedido 2550 entregado', false],
  ['192.0.2.5', false],
])('%p gives the reason of a refusal: %p', (text, gives) => {
  expect(givesReason(text)).toBe(gives);
});

test.each(['user ', 'the mailbox ', 'dominio ', 'sender of ', 'no hay el la ', '5.1.', '4', 'quota of the user ', 'no se ha encontr'])(
  'S20 100 kB of %p are read in linear time',
  (bait) => {
    const text = bait.repeat(100_000 / bait.length);
    const start = process.hrtime.bigint();

    isPermanent(null, text);
    failedStatusIn(text);
    givesReason(text);

    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(400);
  },
);
