import { expect, test } from '@jest/globals';
import { saysOnlyThanks } from '../../src/desk/thanks.ts';

test.each([
  'Gracias',
  'Muchas gracias, quedo atenta.',
  'Buenas tardes,\n\nMuchas gracias por la ayuda.\n\nCordial saludo,',
  'Ok, gracias.\n\nAna',
  'Muchas gracias.\n\nCordialmente,\n\nAna Pérez\nCoordinadora de sistemas\nTel. 601 555 1234',
  'Ya quedó solucionado, mil gracias por su pronta respuesta.',
  'Quedo atenta. Agradezco mucho su ayuda y colaboración.',
  'Recibido, feliz día',
  'Thank you very much for your help!',
  'Muito obrigada pela ajuda.\nAtenciosamente,',
  '👍',
  '👍\n\nAna reaccionó a través de Gmail',
  'Ana Pérez reacted to your message:\n❤️',
])('T30 %j is nothing but thanks', (text) => {
  expect(saysOnlyThanks(text, 'Ana Pérez')).toBe(true);
});

test.each([
  '',
  'Gracias, pero sigue fallando.',
  'Gracias, ya no funciona.',
  'No quedó, gracias.',
  'Sí, por favor. Gracias.',
  'Gracias, ¿y la factura?',
  '¿Ya quedó? Gracias',
  'Gracias por la ayuda, quedo pendiente de la segunda parte.',
  'Recibido. Quedo atento a su gestión y pronta solución.',
  'Muchas gracias, quedamos atentos a la solución.',
  'Buenas tardes. Agradezco su colaboración con la solución.',
  'Agradecemos su pronta respuesta. Cordialmente, Ana',
  'Agradeço o retorno. Obrigada',
  'Buenos días',
  'Luis',
  'Gracias 4211',
  'Gracias. Ver https://cliente.example/x',
  'Not working, thanks',
  `Gracias${' gracias'.repeat(100)}`,
])('T30 %j says more, or not even that', (text) => {
  expect(saysOnlyThanks(text, 'Ana Pérez')).toBe(false);
});
