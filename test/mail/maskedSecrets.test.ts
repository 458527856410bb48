import { expect, test } from '@jest/globals';
import { maskedSecrets } from '../../src/mail/maskedSecrets.ts';

test.each([
  ['clave: Abc123*', 'clave: ***'],
  ['La CLAVE es Abc123*', 'La CLAVE es ***'],
  ['usuario: admin clave: x/y,z; gracias', 'usuario: admin clave: *** gracias'],
  ['la clave del usuario admin es perro', 'la clave del usuario admin es ***'],
  ['Contraseña=hunter2', 'Contraseña=***'],
  ['Contrasen\u0303a: hunter2', 'Contrasen\u0303a: ***'],
  ['contrasena temporal: "dos palabras" y ya', 'contrasena temporal: *** y ya'],
  ['Contraseña:\n   hunter2\nGracias', 'Contraseña:\n   ***\nGracias'],
  ['the password is hunter2.', 'the password is ***'],
  ['{"user":"ana","password":"a,b c","x":1}', '{"user":"ana","password":***,"x":1}'],
  ['PGPASSWORD=x db_password: y --pwd=z', 'PGPASSWORD=*** db_password: *** --pwd=***'],
  ['<clave>abc</clave>', '<clave>***'],
  ['mi PIN 1234 no sirve', 'mi PIN *** no sirve'],
  ['pin=0', 'pin=***'],
  ['token 8f7a6b5c venció', 'token *** venció'],
  ['token: eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl', 'token: ***'],
  ['curl -H "Authorization: Bearer abcdef" x', 'curl -H "Authorization: Bearer *** x'],
  ['ftp://ana:secreta@host/x', 'ftp://ana:***@host/x'],
  ['https://u:p@ss@h/x', 'https://u:***@h/x'],
  ['usuario/contraseña: juan / secreta1', 'usuario/contraseña: ***'],
  ['La contraseña del usuario admin en producción es Xyz99', 'La contraseña del usuario admin en producción es ***'],
  ['a senha é abacaxi', 'a senha é ***'],
  ['client_secret: q1~w2', 'client_secret: ***'],
  ['api-key = zzz', 'api-key = ***'],
  ['user: a, pass: b', 'user: a, pass: ***'],
  ['clave: no-la-diga', 'clave: ***'],
  ['clave: correcta1', 'clave: ***'],
])('S24 in %j the secret is masked', (text, masked) => {
  expect(maskedSecrets(text)).toBe(masked);
});

test.each([
  'Olvidé mi contraseña y no puedo entrar',
  'La contraseña es incorrecta',
  'the password is wrong, reset it',
  'El token expiró ayer a las 10:30',
  'Palabra clave: facturación',
  'El autoclave: revisar',
  'Opinión: todo bien',
  'Nota 1234 del pedido',
  'Received-SPF: pass (mx.otro.co: domain of otro.co)',
  'http://host:8080/a@b',
  '',
])('S24 in %j there is no secret, and it stays as it is', (text) => {
  expect(maskedSecrets(text)).toBe(text);
});

test('S24 what is masked stays as it is when it is masked again', () => {
  const masked = maskedSecrets('clave: a1 y contraseña es "b c" en ftp://u:p@h');

  expect(maskedSecrets(masked)).toBe(masked);
});

test.each([
  'clave ',
  'clave: ',
  'clave de ',
  '"password',
  'eyJ-',
  'eyJaaaaaaa-',
  '://a:',
  'authorization: ',
  'clave\n',
  'pin 1',
  '://a:@',
  'clave a b c d e ',
  'clave: / ',
])('S20 S24 a hostile text of %j again and again is read in linear time', (piece) => {
  const startedAt = performance.now();

  maskedSecrets(piece.repeat(300_000 / piece.length));

  expect(performance.now() - startedAt).toBeLessThan(500);
});
