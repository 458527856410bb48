import { describe, expect, test } from '@jest/globals';
import { htmlLines, linesAsText } from '../../src/mail/html.ts';

test.each([
  ['P17 style, script and title are not text', '<title>t</title><style>p{color:red}</style><script>alert("x")</script><p>Hola</p>', 'Hola'],
  [
    'P17 text without any tag keeps its lines',
    'Buenos días.\nEdad &lt; 5 < 6\n\nAna &amp; Luis',
    'Buenos días.\nEdad < 5 < 6\n\nAna & Luis',
  ],
  ['P17 addresses are no tags of such a text', 'Ana <ana@x.co>\n<https://x.co>', 'Ana <ana@x.co>\n<https://x.co>'],
  ['P17 comments are not text', '<p>Ho<!-- nada > aquí -->la</p>', 'Hola'],
  [
    'P17 Outlook’s conditional comments are not text',
    '<!--[if gte mso 9]><xml><o:p>no</o:p></xml><![endif]--><p>Hola<o:p></o:p></p>',
    'Hola',
  ],
  ['P17 what only Outlook shows otherwise is text', '<![if !mso]><p>Hola</p><![endif]>', 'Hola'],
  [
    'P20 text before the first html tag is kept',
    'Hola, no abre.<br><html><head></head><body>Enviado desde Yahoo</body></html>',
    'Hola, no abre.\nEnviado desde Yahoo',
  ],
  ['P20 text after the closing html tag is kept', '<html><body>Hola</body></html>Adiós', 'Hola\nAdiós'],
  ['entities are decoded', '<p>1 &lt; 2 &amp; a&ntilde;o &#8211; &#x20AC; &nbsp;fin</p>', '1 < 2 & año – €  fin'],
  ['white space collapses', '<p>  uno\n   dos\t tres </p>', 'uno dos tres'],
  ['white space of pre stays', '<pre>if (x)\n  y();</pre>', 'if (x)\n  y();'],
  ['white space of a pre-wrap style stays', '<div style="white-space: pre-wrap">a\n  b</div>', 'a\n  b'],
  ['divs are lines', '<div>uno</div><div>dos</div>', 'uno\ndos'],
  ['an empty div line stays', '<div>uno</div><div><br></div><div>dos</div>', 'uno\n\ndos'],
  ['paragraphs are parted by an empty line', '<p>uno</p><p>dos</p>', 'uno\n\ndos'],
  ['Outlook’s paragraphs are lines', '<p class=MsoNormal>uno</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>dos</p>', 'uno\n\ndos'],
  [
    'a link keeps an address that its label does not tell',
    '<a href="https://pagos.example/x">Pague aquí</a> hoy',
    'Pague aquí <https://pagos.example/x> hoy',
  ],
  [
    'a link whose label is its address is written once',
    '<a href="https://www.itac.co/">www.itac.co</a> <a href="mailto:a@itac.co">a@itac.co</a>',
    'www.itac.co a@itac.co',
  ],
  [
    'a label that names another site does not hide the address',
    '<a href="https://malo.example/">www.banco.example</a>',
    'www.banco.example <https://malo.example/>',
  ],
  ['a link to a script is no link', '<a href="javascript:x()">clic</a>', 'clic'],
  [
    'rows of a table are lines',
    '<table><tr><th>Factura</th><th>Valor</th></tr><tr><td>123</td><td><div>100</div></td></tr></table>',
    'Factura | Valor\n123 | 100',
  ],
  [
    'a cell of several lines is not joined',
    '<table><tr><td><img src="l.png"></td><td>Ana<br>Gerente</td><td>x</td></tr></table>',
    'Ana\nGerente\nx',
  ],
  ['lists have bullets and numbers', '<ul><li>a<li>b</ul><ol start=3><li>c</li><li><p>d</p></li></ol>', '- a\n- b\n\n3. c\n\n4. d'],
  ['an image is its description', '<img alt="Captura del error"> <img alt=""> <img src="x.png">', '[Captura del error]'],
  [
    'a quotation that a program made is marked',
    '<p>Sí</p><blockquote type="cite">uno<blockquote type="cite">dos</blockquote></blockquote>',
    'Sí\n\n> uno\n>\n> > dos',
  ],
  [
    'P22 a quotation of the author is not marked',
    '<p>Sale:</p><blockquote>Error 500</blockquote><p>¿Qué hago?</p>',
    'Sale:\n\nError 500\n\n¿Qué hago?',
  ],
  ['hidden text is left out', '<div style="display:none">vista previa</div><p>Hola</p>', 'Hola'],
  ['hidden text is shown when there is no other', '<div style="display:none">Hola</div>', 'Hola'],
  ['tags that are not closed lose nothing', '<div><b>uno<p>dos<span>tres', 'uno\n\ndostres'],
  ['tags that are closed twice lose nothing', '<div>uno</div></div></span>dos</table>tres', 'uno\ndos\ntres'],
  ['a rule is a line', 'uno<hr>dos', 'uno\n________________________________\ndos'],
  ['nothing gives nothing', '', ''],
])('%s', (_title, html, text) => {
  expect(linesAsText(htmlLines(html))).toBe(text);
});

describe('P28 hostile HTML takes a time in proportion to its length', () => {
  // Ten times what a slow and busy machine needs; a quadratic step would take minutes.
  const BOUND_MS = 20_000;

  test.each([
    ['100,000 nested div', `${'<div>'.repeat(100_000)}x`, 'x'],
    ['100,000 nested quotations', `${'<blockquote type=cite>'.repeat(100_000)}x`, 'x'],
    ['100,000 nested tables', `${'<table><tr><td>'.repeat(100_000)}x`, 'x'],
    ['100,000 hidden elements that are not closed', `${'<span hidden>x'.repeat(100_000)}`, 'x'],
    ['500,000 closing tags without an opening one', `${'<b>'.repeat(100_000)}x${'</i>'.repeat(500_000)}`, 'x'],
    ['5,000 links', '<a href="https://x.example/1">y</a> '.repeat(5_000), '<https://x.example/1>'],
    ['200,000 attributes', `<p ${'a=b '.repeat(200_000)}>x`, 'x'],
    ['a comment that does not end', `x<!--${'<p>'.repeat(1_000_000)}`, 'x'],
    ['a million angle brackets', `x${'<'.repeat(1_000_000)}`, 'x<<'],
    ['300,000 lines', 'x<br>'.repeat(300_000), 'x\nx'],
    ['10 MB of text', `${'hola mundo '.repeat(20)}<br>`.repeat(45_000), 'hola mundo'],
  ])(
    '%s',
    (_what, html, part) => {
      const start = performance.now();

      const text = linesAsText(htmlLines(html));

      expect(text).toContain(part);
      expect(performance.now() - start).toBeLessThan(BOUND_MS);
    },
    BOUND_MS + 10_000,
  );
});
