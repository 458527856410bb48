import { describe, expect, test } from '@jest/globals';
import { htmlLines, linesAsText } from '../../src/mail/html.ts';
import { newTextOf } from '../../src/mail/newText.ts';

/** The words of one language that the programs below put around an answer. */
const WORDS = {
  Spanish: {
    answer: 'Buenos días, ya pudimos ingresar a la plataforma.',
    asked: 'Por favor confirme si el error continúa.',
    wrote: 'El lun, 6 jul 2020 a las 10:00, Soporte (&lt;<a href="mailto:soporte@itac.co">soporte@itac.co</a>&gt;) escribió:',
    from: 'De',
    sent: 'Enviado',
    to: 'Para',
    subject: 'Asunto',
    day: 'lunes, 6 de julio de 2020 10:00 a. m.',
    original: 'Mensaje original',
    phone: 'Enviado desde mi iPhone',
    outlook: 'Obtener <a href="https://aka.ms/o0ukef">Outlook para iOS</a>',
  },
  Portuguese: {
    answer: 'Bom dia, já conseguimos entrar na plataforma.',
    asked: 'Por favor confirme se o erro continua.',
    wrote: 'Em seg., 6 de jul. de 2020 às 10:00, Suporte &lt;<a href="mailto:soporte@itac.co">soporte@itac.co</a>&gt; escreveu:',
    from: 'De',
    sent: 'Enviado',
    to: 'Para',
    subject: 'Assunto',
    day: 'segunda-feira, 6 de julho de 2020 10:00',
    original: 'Mensagem original',
    phone: 'Enviado do meu iPhone',
    outlook: 'Obter o <a href="https://aka.ms/o0ukef">Outlook para iOS</a>',
  },
  English: {
    answer: 'Good morning, we can log in to the platform again.',
    asked: 'Please confirm whether the error persists.',
    wrote: 'On Mon, Jul 6, 2020 at 10:00 AM Support &lt;<a href="mailto:soporte@itac.co">soporte@itac.co</a>&gt; wrote:',
    from: 'From',
    sent: 'Sent',
    to: 'To',
    subject: 'Subject',
    day: 'Monday, July 6, 2020 10:00 AM',
    original: 'Original Message',
    phone: 'Sent from my iPhone',
    outlook: 'Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a>',
  },
  // No table knows this one: only the elements of the HTML tell.
  Unknown: {
    answer: 'Kuzuzangpo, lamyig di tshar yi.',
    asked: 'Dri wa di lok gi dug ga?',
    wrote: 'Zla 7 tshe 6 chu tshod 10:00 lu Support bris pa',
    from: 'Las',
    sent: 'Btang',
    to: 'La',
    subject: 'Don',
    day: 'zla 7 tshe 6',
    original: 'Thog mai phrin',
    phone: '',
    outlook: '',
  },
};
type Words = (typeof WORDS)['Spanish'];

const header = (w: Words): string =>
  `<b>${w.from}:</b> Soporte &lt;soporte@itac.co&gt;<br><b>${w.sent}:</b> ${w.day}<br><b>${w.to}:</b> Ana &lt;ana@cliente.example&gt;<br><b>${w.subject}:</b> RE: 4211`;

/** One answer as each program sends it. */
const PROGRAMS: Record<string, (w: Words) => string> = {
  'Gmail on the web': (w) =>
    `<div dir="ltr"><div>${w.answer}</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">${w.wrote}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div dir="ltr">${w.asked}</div></blockquote></div>`,
  'Gmail with a signature': (w) =>
    `<div dir="ltr">${w.answer}<div><br></div>-- <br><div dir="ltr" class="gmail_signature"><b>Ana Pérez</b><br>Coordinadora</div></div><br><div class="gmail_quote"><div class="gmail_attr">${w.wrote}<br></div><blockquote class="gmail_quote"><div>${w.asked}</div></blockquote></div>`,
  'Gmail on a telephone': (w) =>
    `<div dir="auto">${w.answer}</div><div><br><div class="gmail_quote"><div dir="ltr">${w.wrote}<br></div><blockquote class="gmail_quote">${w.asked}</blockquote></div></div>`,
  'Outlook for Windows': (w) =>
    `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--><style>p.MsoNormal{margin:0cm}</style></head><body lang=ES-CO><div class=WordSection1><p class=MsoNormal>${w.answer}<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>${header(w)}<o:p></o:p></p></div></div><p class=MsoNormal>${w.asked}<o:p></o:p></p></div></body></html>`,
  'Outlook 2007': (w) =>
    `<div><p class=MsoNormal>${w.answer}</p><div style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal>${header(w)}</p></div><p class=MsoNormal>${w.asked}</p></div>`,
  'Outlook on the web': (w) =>
    `<div style="font-family: Calibri;" class="elementToProof">${w.answer}</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">${header(w)}</font><div>&nbsp;</div></div><div>${w.asked}</div>`,
  'Outlook on a telephone': (w) =>
    `<div dir="auto">${w.answer}</div><div id="ms-outlook-mobile-signature" dir="auto"><br>${w.outlook}</div><hr tabindex="-1"><div id="divRplyFwdMsg">${header(w)}</div>${w.asked}`,
  'the new Outlook on a telephone': (w) =>
    `<div>${w.answer}</div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><div style="text-align: left; border-top: 1pt solid rgb(181, 196, 223)">${header(w)}</div><div>${w.asked}</div></div>`,
  'Outlook for Mac': (w) =>
    `<div>${w.answer}</div><div><br></div><span id="OLK_SRC_BODY_SECTION"><div style="border-top: #b5c4df 1pt solid;">${header(w)}</div><div>${w.asked}</div></span>`,
  Hotmail: (w) => `<div dir="ltr">${w.answer}<br><br><div><hr id="stopSpelling">${header(w)}<br><br>${w.asked}</div></div>`,
  'Apple Mail': (w) =>
    `<div>${w.answer}</div><div><br><blockquote type="cite"><div>${w.wrote}</div><br class="Apple-interchange-newline"><div>${w.asked}</div></blockquote></div>`,
  'an iPhone': (w) =>
    `<div dir="ltr">${w.answer}</div><div dir="ltr"><br>${w.phone}</div><div dir="ltr"><br><blockquote type="cite">${w.wrote}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">${w.asked}</div></blockquote>`,
  Yahoo: (w) =>
    `<div class="ydp1a2b yahoo-style-wrap"><div>${w.answer}</div><div><br></div></div><div id="yahoo_quoted_8812" class="yahoo_quoted"><div><div>${w.wrote}</div><div><br></div><div>${w.asked}</div></div></div>`,
  Thunderbird: (w) =>
    `<body><p>${w.answer}</p><div class="moz-cite-prefix">${w.wrote}<br></div><blockquote type="cite" cite="mid:1@itac.co"><p>${w.asked}</p></blockquote></body>`,
  'Thunderbird with its signature below': (w) =>
    `<p>${w.answer}</p><div class="moz-cite-prefix">${w.wrote}</div><blockquote type="cite"><p>${w.asked}</p></blockquote><pre class="moz-signature" cols="72">-- \nAna Pérez</pre>`,
  Zimbra: (w) =>
    `<div>${w.answer}</div><div><br></div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">${header(w)}</div><div data-marker="__QUOTED_TEXT__"><div>${w.asked}</div></div>`,
  Proton: (w) =>
    `<div>${w.answer}</div><div class="protonmail_signature_block"><div>${w.phone}</div></div><div class="protonmail_quote">${w.wrote}<br><blockquote class="protonmail_quote" type="cite">${w.asked}</blockquote></div>`,
  Zoho: (w) =>
    `<div>${w.answer}</div><div class="zmail_extra" style=""><div>---- ${w.wrote} ----</div><blockquote id="blockquote_zmail"><div>${w.asked}</div></blockquote></div>`,
  Spark: (w) =>
    `<div name="messageBodySection"><div>${w.answer}</div></div><div name="messageReplySection">${w.wrote}<br><blockquote type="cite" class="spark_quote">${w.asked}</blockquote></div>`,
  Roundcube: (w) => `<p>${w.answer}</p><p id="reply-intro">${w.wrote}</p><blockquote type="cite"><p>${w.asked}</p></blockquote>`,
};

/** These mark nothing in their HTML: the words must tell. */
const BY_WORDS: Record<string, (w: Words) => string> = {
  'Lotus Notes': (w) =>
    `<font size=2 face="sans-serif">${w.answer}</font><br><br><table><tr><td><font size=1 color=#5f5f5f>${w.from}: &nbsp; &nbsp;</font></td><td>Soporte &lt;soporte@itac.co&gt;</td></tr><tr><td>${w.to}: &nbsp;</td><td>Ana</td></tr><tr><td>${w.sent}: &nbsp;</td><td>${w.day}</td></tr><tr><td>${w.subject}: &nbsp;</td><td>RE: 4211</td></tr></table><hr noshade><br>${w.asked}`,
  'Samsung Mail': (w) =>
    `<div>${w.answer}</div><div id="composer_signature"><div>${w.phone}</div></div><div><br></div><div style="font-size:100%"><!-- originalMessage --><div>-------- ${w.original} --------</div><div>${w.from}: Soporte &lt;soporte@itac.co&gt;</div><div>${w.sent}: 6/07/20 10:00</div></div><div>${w.asked}</div>`,
  AOL: (w) => `<div>${w.answer}</div><div>-----${w.original}-----<br>${w.from}: Soporte &lt;soporte@itac.co&gt;<br>${w.asked}</div>`,
  'a program with a bare quotation': (w) => `<div>${w.answer}</div><p>${w.wrote}</p><blockquote><p>${w.asked}</p></blockquote>`,
};

const { Unknown: _, ...KNOWN } = WORDS;

function expectAnswer(html: string, w: Words): void {
  for (const text of [linesAsText(htmlLines(html)), '']) {
    const { newText, quotedText } = newTextOf({ text, html });

    expect(newText).toBe(w.answer);
    expect(quotedText).toContain(w.asked);
  }
}

describe.each(Object.entries(PROGRAMS))('P24 an answer written with %s', (_program, html) => {
  test.each(Object.entries(WORDS))('is told from the mail that it quotes in %s', (_language, w) => expectAnswer(html(w), w));
});

describe.each(Object.entries(BY_WORDS))('P24 an answer written with %s', (_program, html) => {
  test.each(Object.entries(KNOWN))('is told from the mail that it quotes in %s', (_language, w) => expectAnswer(html(w), w));
});

test.each(['Gmail on the web', 'Outlook on the web', 'Apple Mail'])(
  'the HTML of %s tells where the quotation begins in the plain text',
  (program) => {
    const w = WORDS.Unknown;
    const text = `${w.answer}\n\n${w.wrote}\n\n${w.asked}\n`;

    const { newText, quotedText } = newTextOf({ text, html: PROGRAMS[program]!(w).replace(header(w), w.wrote) });

    expect(newText).toBe(w.answer);
    expect(quotedText).toBe(`${w.wrote}\n\n${w.asked}`);
  },
);

test('P24 the line that Outlook draws above the earlier mail is known in any colour', () => {
  const html =
    '<p class=MsoNormal>Kuzuzangpo</p><div style="border:none;border-top:solid windowtext 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal><b>Las:</b> S<br><b>Don:</b> x</p></div><p>Dri wa</p>';

  expect(newTextOf({ text: linesAsText(htmlLines(html)), html }).newText).toBe('Kuzuzangpo');
});

test('a line above a cell of a table is the author’s own', () => {
  const html =
    '<p>Ver tabla</p><table><tr><td style="border:none;border-top:solid windowtext 1.0pt;padding:0cm 5.4pt">Sede</td></tr></table><p>¿Está bien?</p>';

  expect(newTextOf({ text: linesAsText(htmlLines(html)), html }).newText).toContain('¿Está bien?');
});

test('P25 what Outlook on the web marks as signature is one only when it reads like one', () => {
  const mail = (signature: string) =>
    `<div>Gracias.</div><div id="Signature"><div>${signature}</div></div><div id="appendonsend"></div><hr><div>Hola</div>`;
  const parts = (html: string) => newTextOf({ text: linesAsText(htmlLines(html)), html });

  expect(parts(mail('Marcela Duque<br>Subdirección TIC'))).toEqual({
    newText: 'Gracias.',
    quotedText: '________________________________\nHola',
    signature: 'Marcela Duque\nSubdirección TIC',
  });
  expect(parts(mail('¿Nos pueden indicar el estado del caso?')).newText).toContain('¿Nos pueden indicar el estado del caso?');
});
