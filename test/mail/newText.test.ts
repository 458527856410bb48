import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { htmlLines, linesAsText } from '../../src/mail/html.ts';
import { newTextOf } from '../../src/mail/newText.ts';

const ofText = (text: string) => newTextOf({ text, html: null });
const ofHtml = (html: string) => newTextOf({ text: linesAsText(htmlLines(html)), html });

const ABOVE = 'El lun, 6 jul 2020 a las 10:00, Soporte (<soporte@itac.co>) escribió:';
const OUTLOOK =
  'De: Soporte <soporte@itac.co>\nEnviado el: lunes, 6 de julio de 2020 10:00\nPara: Ana <ana@cliente.example>\nAsunto: RE: consulta';

describe('the text to read', () => {
  test.each([
    '',
    '  \n',
    'Your email client does not support HTML messages.',
    'Su cliente de correo no puede mostrar HTML. Véalo en el navegador.',
  ])('P18 the HTML is used when the text part says %j', (text) => {
    const { newText } = newTextOf({
      text,
      html: '<p>No abre el módulo de nómina desde ayer; sale el error 500 al iniciar la sesión en el portal.</p>',
    });

    expect(newText).toContain('No abre el módulo de nómina');
  });

  test('an author who writes about HTML is not taken for a program', () => {
    const text = 'El navegador no muestra el HTML del reporte, ¿qué hacemos?';

    expect(newTextOf({ text, html: `<p>${text}</p>` }).newText).toBe(text);
  });

  test('P20 a fragment before the first html tag is new text', () => {
    const html = `No me deja entrar.<br><br>Enviado desde Yahoo Mail para Android<br><html><body><blockquote type="cite">${ABOVE.replaceAll('<', '&lt;')}<br>hola</blockquote></body></html>`;

    const { newText, signature } = ofHtml(html);

    expect(newText).toBe('No me deja entrar.');
    expect(signature).toBe('Enviado desde Yahoo Mail para Android');
  });

  test('the lines of the text part are kept as the author broke them', () => {
    const text = 'uno\n  dos\n\n\n\ntres';

    expect(newTextOf({ text, html: '<div>uno dos tres</div>' }).newText).toBe(text);
  });
});

describe('P21 answers between quoted lines', () => {
  test('stay with what they answer', () => {
    const answers = '> ¿Desde cuándo?\nDesde ayer.\n\n> ¿En qué ambiente?\nProducción.';

    const { newText, quotedText } = ofText(`${ABOVE}\n\n${answers}\n\n> Gracias\n`);

    expect(newText).toBe(answers);
    expect(quotedText).toBe(`${ABOVE}\n\n> Gracias`);
  });

  test('stay when they follow long quoted lines without an empty line', () => {
    const quoted = '> Para continuar necesitamos saber en cuál de los ambientes ocurre el error';
    const text = `${ABOVE}\n${quoted}\nProducción\n> y desde cuándo\nAyer`;

    const { newText } = ofText(text);

    expect(newText).toBe(`${quoted}\nProducción\n> y desde cuándo\nAyer`);
  });

  test.each([
    [
      'Gmail',
      '<div class="gmail_quote"><div class="gmail_attr">ABOVE</div><blockquote class="gmail_quote">¿Desde cuándo?</blockquote><div>Desde ayer.</div><blockquote class="gmail_quote">¿Dónde?</blockquote><div>En producción.</div></div>',
    ],
    [
      'Apple Mail',
      '<blockquote type="cite"><div>ABOVE</div><div>¿Desde cuándo?</div></blockquote><div>Desde ayer.</div><blockquote type="cite"><div>¿Dónde?</div></blockquote><div>En producción.</div>',
    ],
    [
      'Thunderbird',
      '<div class="moz-cite-prefix">ABOVE</div><blockquote type="cite">¿Desde cuándo?</blockquote>Desde ayer.<br><blockquote type="cite">¿Dónde?</blockquote>En producción.',
    ],
    [
      'Zoho',
      '<div class="zmail_extra"><div>---- ABOVE ----</div><blockquote>¿Desde cuándo?</blockquote><div>Desde ayer.</div><blockquote>¿Dónde?</blockquote><div>En producción.</div></div>',
    ],
  ])('are found in the HTML of %s', (_program, html) => {
    const { newText } = ofHtml(`<div>Va entre líneas.</div>${html.replace('ABOVE', ABOVE.replaceAll('<', '&lt;'))}`);

    expect(newText).toContain('Desde ayer.');
    expect(newText).toContain('¿Dónde?');
    expect(newText).toContain('En producción.');
  });

  test('stay when the author says that they are in red in an Outlook mail', () => {
    const text = `Buenas tardes, respondo abajo en rojo.\n\n${OUTLOOK}\n\n¿Desde cuándo ocurre?\nDesde ayer a las 3.`;

    expect(ofText(text).newText).toBe(text);
  });

  test.each(['en rojo', 'entre líneas', 'en azul y negrilla'])('stay when the author says that they are %s', (how) => {
    const text = `Van mis respuestas ${how}.\n\n${OUTLOOK}\n\n¿Desde cuándo ocurre? Desde ayer.`;

    expect(ofText(text).newText).toBe(text);
  });

  test('stay when the author says that they are marked inside a quotation without a header', () => {
    const quotation = '<blockquote type="cite"><div>¿Motor?</div><div><font color="blue">Oracle</font></div></blockquote>';

    const { newText } = ofHtml(`<div>Van mis respuestas en azul.</div><div>${ABOVE.replaceAll('<', '&lt;')}</div>${quotation}`);

    expect(newText).toContain('Oracle');
  });

  test('a fault that shows in red points at nothing', () => {
    expect(ofText(`El saldo sale en rojo.\n\n${OUTLOOK}\n\nHola`).newText).toBe('El saldo sale en rojo.');
  });

  test('an answer below a mail that is quoted with its header is new text', () => {
    const { newText, quotedText } = ofText(`-----Mensaje original-----\n${OUTLOOK}\n\n> ¿A qué hora?\n> Gracias\n\nA las nueve.`);

    expect(newText).toBe('A las nueve.');
    expect(quotedText).toContain('¿A qué hora?');
  });

  test('text below such a mail is not lost when there is text above it', () => {
    const { newText } = ofText(`Hola.\n\n${OUTLOOK}\n\n> ¿A qué hora?\n\nA las nueve.`);

    expect(newText).toContain('Hola.');
    expect(newText).toContain('A las nueve.');
  });

  test('an answer below the quotation is new text without it', () => {
    const { newText, quotedText } = ofText(`${ABOVE}\n> ¿Quedó bien?\n> Quedamos atentos\n\nSí, muchas gracias por la ayuda.`);

    expect(newText).toBe('Sí, muchas gracias por la ayuda.');
    expect(quotedText).toContain('¿Quedó bien?');
  });

  test('a closing below the quotation does not bring it back', () => {
    const { newText } = ofText(`Quedó bien.\n\n${ABOVE}\n> ¿Quedó bien?\n\nSaludos, Ana`);

    expect(newText).toBe('Quedó bien.\n\nSaludos, Ana');
  });
});

describe('what the author quotes', () => {
  test('P22 a quotation of the author’s own is not cut', () => {
    const { newText, quotedText } = ofHtml('<p>Al entrar aparece:</p><blockquote>Error 500: sin conexión</blockquote><p>¿Nos ayudan?</p>');

    expect(newText).toBe('Al entrar aparece:\n\nError 500: sin conexión\n\n¿Nos ayudan?');
    expect(quotedText).toBe('');
  });

  test('P22 a quotation of the author’s own that ends the mail is not cut', () => {
    const { newText } = ofHtml('<p>Al entrar aparece:</p><blockquote>Error 500: sin conexión</blockquote>');

    expect(newText).toContain('Error 500');
  });

  test('P22 a quotation of the author’s own is not cut from the text part, where it looks like a program’s', () => {
    const text = 'Al entrar aparece:\n\n> Error 500: sin conexión';

    const { newText } = newTextOf({ text, html: '<p>Al entrar aparece:</p><blockquote>Error 500: sin conexión</blockquote>' });

    expect(newText).toBe(text);
  });

  test('a bounce that the author pastes is no quotation', () => {
    const text = 'El correo rebota con esto:\n\n<ana@cliente.example>: host mx.cliente.example said: 550 5.1.1 unknown';

    expect(ofText(text).newText).toBe(text);
  });

  test.each([
    ['a head with fields that no program shows', 'From: a@cliente.example\nTo: b@cliente.example\nSubject: x\nX-Mailer: y\n\n550 denied'],
    ['a head below the fields of its transport', 'Received: from mx\nMessage-ID: <1@x>\nFrom: a@cliente.example\nTo: b@cliente.example'],
    ['lines of a configuration', 'host: mx\nfrom: a@cliente.example\nto: b@cliente.example\nsubject: x'],
    ['a memorandum', 'PARA: Todas las áreas\nDE: Gerencia\nFECHA: 1 de marzo de 2024\nASUNTO: Cierre\n\nNo habrá sistema.'],
    ['a memorandum with an hour', 'PARA: Sistemas\nDE: Gerencia\nFECHA: 1 de marzo de 2024, 9:30\nASUNTO: Cierre\n\nNo habrá sistema.'],
    ['a memorandum in small letters', 'Para: Sistemas\nDe: Gerencia\nFecha: 1 de marzo de 2024, 9:30\nAsunto: Cierre\n\nNo habrá sistema.'],
    ['the end of a form', 'Ambiente: calidad\nFecha: 6/07/2020 10:00\nDe: versión 7.1\nA: versión 7.2\n\nContacto: Luis'],
    ['a removal', 'De: Bodega norte\nA: Bodega sur\nFecha: 6/07/2020 10:00\n\nSon cinco cajas.'],
    ['a line about a marker', 'Responda por encima de esta línea: eso es lo que sobra en el aviso.\n\nPor favor quitarlo.'],
    ['an invitation', 'Fecha: jueves 14 de marzo\nHora: 10:00\nAsunto: Cierre'],
    ['what a log shows of a mail', 'From: app@cliente.example\nTo: ana@cliente.example\nSubject: prueba\n\nAhí se detiene.'],
    ['a list', '- Mensaje original\n- Mensaje de error'],
    ['the prompt of a data base', 'SQL> startup\nORA-01034\nSQL> exit\nSQL> quit'],
    ['the prompt of an interpreter', '>>> import itac\n>>> exit()'],
  ])('P22 %s is no quotation', (_what, matter) => {
    const text = `El servidor devuelve esto.\n\n${matter}`;

    expect(ofText(text).newText).toBe(text);
  });

  test('P24 the head of the earlier mail makes a quotation of a bare blockquote', () => {
    const head = '-----Mensaje original-----<br><b>De:</b> Soporte &lt;soporte@itac.co&gt;<br><b>Para:</b> Ana<br><b>Asunto:</b> x';

    const { newText } = ofHtml(`<p>Ya imprime.</p><blockquote style="border-left:2px solid"><p>${head}</p><p>¿Imprime?</p></blockquote>`);

    expect(newText).toBe('Ya imprime.');
  });

  test('P24 a bare blockquote below the head of the earlier mail is a quotation', () => {
    const head = '-------- Mensaje original --------<br>Asunto: x<br>De: Soporte &lt;soporte@itac.co&gt;<br>Para: Ana<br>';

    expect(ofHtml(`<div>Va la foto.</div><div>${head}</div><blockquote>Envíe la foto.</blockquote>`).newText).toBe('Va la foto.');
  });

  test('P24 a title without dashes goes with the head below it', () => {
    expect(ofText(`De acuerdo.\n\n  Mensaje original  \n${OUTLOOK}\n\n¿De acuerdo?`).newText).toBe('De acuerdo.');
  });

  test('P24 a head without addresses and subject has the order of a program', () => {
    const head = 'De: Soporte ITAC\nEnviado: lunes, 6 de julio de 2020 10:00\nPara: Ana Pérez';

    expect(ofText(`Entendido.\n\n${head}\n\nNo incluye la red.`).newText).toBe('Entendido.');
  });

  test('a form above the header of the earlier mail is not taken into it', () => {
    const text = 'Se invita a todos:\n\nFecha: jueves 14 de marzo\nLugar: Sala 3\nAsunto: Cierre\n\nConfirmen por favor.';

    const { newText, quotedText } = ofText(`${text}\n\n---\n${OUTLOOK}\n\nHola`);

    expect(newText).toBe(text);
    expect(quotedText).toBe(`---\n${OUTLOOK}\n\nHola`);
  });

  test.each([
    ['quoted lines', '> Al guardar sale el error 500\n> y se cierra la sesión'],
    ['a mail with its header', `${OUTLOOK}\n\nHaga clic aquí.`],
    ['a sample of a mail', 'Asunto: Su factura\nPara: {{correo}}\nDe: facturas@cliente.example\n\nEstimado cliente'],
  ])('P22 %s below a line that leads over to it is what the author says', (_what, matter) => {
    const text = `Este es el texto que llega:\n\n${matter}`;

    expect(ofText(text).newText).toBe(text);
  });

  test('a mail below words that announce it is what the author says', () => {
    const text = `¿Ya tienen respuesta de lo siguiente?\n\n${OUTLOOK}\n\nSolicito permisos.`;

    expect(ofText(text).newText).toBe(text);
  });

  test('what a program introduces is folded whatever the line above it ends with', () => {
    const { newText } = ofText(`Quedan pendientes:\n\n${ABOVE}\n\n> Los puntos 1 y 2\n`);

    expect(newText).toBe('Quedan pendientes:');
  });

  test('a closing with a colon leads over to nothing', () => {
    const { newText } = ofText(`Ya quedó.\n\nAtentamente:\n\n${OUTLOOK}\n\nHola`);

    expect(newText).toBe('Ya quedó.\n\nAtentamente:');
  });

  test('a form that looks like a header is no quotation', () => {
    const text = 'Solicito este traslado:\n\nDe: Bodega norte\nPara: Bodega sur\nFecha: 6/07/2020\nCantidad: 5 cajas';

    expect(ofText(text).newText).toBe(text);
  });
});

describe('P23 something is always left', () => {
  test('but a greeting alone above an introduced quotation, which shows that nothing else was written', () => {
    expect(ofText(`Hola Luis,\n\n${ABOVE}\n\n> ¿Me confirma?`).newText).toBe('Hola Luis,');
    expect(ofText(`Hola\n> ${ABOVE}\n>\n> ¿Me confirma?`).newText).toBe('Hola');
  });

  test.each([
    ['only a quotation', `${ABOVE}\n\n> hola\n> mundo`],
    ['only quoted lines', '> hola\n> mundo'],
    ['only a forwarded mail', '---------- Mensaje reenviado ---------\nDe: Ana <ana@cliente.example>\nAsunto: falla\n\nNo abre.'],
    ['only a signature', '-- \nAna Pérez'],
    ['a greeting and a sentence behind two dashes', 'Buenos días.\n\n--\nEl visor no abre en los equipos nuevos.'],
    ['a greeting and quoted lines that nobody introduces', 'Hola Luis,\n\n> No me abre el visor.\n> ¿Me ayudan?'],
    [
      'a telephone’s line and a forwarded mail',
      `Enviado desde mi iPhone\n\nInicio del mensaje reenviado:\n\n> De: Ana <ana@cliente.example>\n>\n> No abre.`,
    ],
  ])('%s is its own new text', (_what, text) => {
    expect(ofText(text)).toEqual({ newText: text, quotedText: '', signature: '' });
  });

  test('below a greeting the line that Outlook draws hides nothing without a head', () => {
    const html =
      '<p>Buenas tardes</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>No abre el visor.</p></div>';

    expect(ofHtml(html).newText).toContain('No abre el visor.');
  });

  test('a mail inside a container that programs use for quotations is new text', () => {
    expect(ofHtml('<div class="gmail_quote"><div>No abre la plataforma.</div></div>').newText).toBe('No abre la plataforma.');
    expect(ofHtml('<blockquote class="gmail_quote"><div>No abre la plataforma.</div></blockquote>').newText).toContain(
      'No abre la plataforma.',
    );
  });

  test.each(['Para su información.', 'FYI', 'Buenas tardes, favor atender el correo de abajo.', 'Please see below.'])(
    'a forwarded mail stays with the words that point at it: %s',
    (words) => {
      const forwarded =
        '---------- Forwarded message ---------\nDe: Luis <luis@cliente.example>\nDate: lun, 6 jul 2020\nSubject: falla\nTo: Ana\n\nNo abre la nómina.';

      expect(ofText(`${words}\n\n${forwarded}`).newText).toBe(`${words}\n\n${forwarded}`);
    },
  );

  test.each(['Buen día, por favor su apoyo con este caso.', 'Les comparto el correo del usuario.', 'Please help our user.'])(
    'P23 a mail that a program marks as forwarded stays with the words that ask for its treatment: %s',
    (words) => {
      const text = `${words}\n\nInicio del mensaje reenviado:\n\nDe: Luis <luis@cliente.example>\nAsunto: falla\n\nNo abre.`;

      expect(ofText(text).newText).toBe(text);
    },
  );

  test('P23 a mail under a subject that passes it on stays with a short note', () => {
    const text = `Ingenieros, el usuario me reporta esto.\n\n${OUTLOOK}\n\nNo abre.`;

    expect(newTextOf({ text, html: null, head: { forwarded: true, author: null } }).newText).toBe(text);
    expect(ofText(text).newText).toBe('Ingenieros, el usuario me reporta esto.');
  });

  test('a forwarded mail below a whole message is folded', () => {
    const { newText, quotedText } = ofText(
      `Confirmo que ya quedó resuelto, pueden cerrar.\n\n---------- Forwarded message ---------\nDe: Luis <luis@cliente.example>\n\nNo abre.`,
    );

    expect(newText).toBe('Confirmo que ya quedó resuelto, pueden cerrar.');
    expect(quotedText).toContain('No abre.');
  });
});

describe('P25 the signature is folded', () => {
  const TEXT = 'Buenos días:\n\nNo es posible generar el reporte de cartera.';

  test.each([
    ['two dashes', '-- \nAna Pérez\nCoordinadora de Sistemas'],
    ['two dashes without the blank', '--\nAna Pérez'],
    ['underscores', '______________________\nAna Pérez\nCoordinadora de Sistemas'],
    ['a rule of dashes and a name', '-----\nAna Pérez\nCoordinadora de Sistemas'],
    ['a name and a telephone’s line', 'Ana Pérez\nEnviado desde mi iPhone'],
    ['a list’s footer', '_______________________________________________\nUsuarios mailing list\nUsuarios@listas.example'],
    [
      'a legal notice in Spanish',
      'AVISO DE CONFIDENCIALIDAD: Este mensaje y sus anexos contienen información confidencial dirigida exclusivamente a su destinatario. Si lo recibió por error, notifíquelo al remitente y elimínelo.',
    ],
    [
      'a legal notice in two languages and a wish',
      'La información contenida en este correo electrónico es confidencial y para uso exclusivo de su destinatario; se prohíbe su divulgación.\n\nThis e-mail is confidential and intended only for the named recipient. If you received it in error, please notify us and delete it.\n\nAntes de imprimir este correo piense en el medio ambiente.',
    ],
    [
      'a notice on personal data',
      'En cumplimiento de la Ley 1581 de 2012 de protección de datos personales, le informamos que sus datos reposan en nuestras bases y que puede ejercer el derecho de habeas data escribiendo a datos@cliente.example.',
    ],
    ['an antivirus', 'Libre de virus. www.avast.com'],
    [
      'an antivirus between links',
      '<https://www.avast.com/sig-email>\nLibre de virus.www.avast.com\n<https://www.avast.com/sig-email>\n<#DAB4FAD8>',
    ],
    ['a wish for the trees', 'Por favor considere su responsabilidad ambiental antes de imprimir este correo.'],
    ['a wish in German', 'Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail ausdrucken.'],
    [
      'a legal notice in Italian',
      'Ai sensi del Regolamento UE 2016/679 questo messaggio è riservato e ad uso esclusivo del destinatario. Qualora lo abbiate ricevuto per errore, vi preghiamo di eliminarlo e di avvisare il mittente.',
    ],
    [
      'a legal notice in French',
      "Ce message est confidentiel et destiné exclusivement à son destinataire. Si vous l'avez reçu par erreur, merci de le détruire et d'avertir l'expéditeur.",
    ],
    [
      'a notice on personal data that speaks of the holder',
      'De acuerdo con la Ley 1581 de 2012, Cliente S.A. informa que los datos personales serán tratados según su política. El titular podrá ejercer el derecho de habeas data.',
    ],
    [
      'a notice on personal data that names no law',
      'Cliente S.A.S. vela por la protección de sus datos personales. Para conocer, actualizar o suprimir su información escriba a habeasdata@cliente.example.',
    ],
    [
      'notices on opinions and on damage',
      'Las opiniones de este mensaje son de su autor y no necesariamente reflejan las de Cliente S.A.\n\nLa empresa no asume responsabilidad por daños causados por virus que lleguen con este correo.',
    ],
    [
      'what a mail may contain',
      'Este mensaje salió de la red de Cliente S.A. y puede contener información confidencial; se prohíbe su retransmisión.',
    ],
    ['a wish to be sure', 'Antes de imprimir este mensaje, asegúrese de que es necesario.'],
    [
      'an antivirus below short dashes',
      '---\nEl software de antivirus Avast ha analizado este correo electrónico en busca de virus.\nhttps://www.avast.com/antivirus',
    ],
    ['a machine that reads nothing', 'Este correo fue enviado desde una cuenta de notificaciones, por favor no lo responda.'],
    ['a forum', '---\n[Visit Topic](https://foro.example/t/1) or reply to this email to respond.'],
    ['a tracker', '—\nReply to this email directly, view it on GitHub, or unsubscribe.\nYou are receiving this because you commented.'],
    ['a list in Spanish', 'Has recibido este mensaje porque estás suscrito al grupo Usuarios.'],
    ['an author without accents', 'Las tildes de este mensaje se omiten de forma intencional.'],
    ['two underscores and a name', '__\nMarta López\nContabilidad'],
    ['asterisks and a name', '****************\nMarta López\nIngeniera de soporte\nmlopez@cliente.example'],
    ['tildes and a name', '~~~~~~~~~~~~~~~~\nMarta López\nMesa de ayuda'],
    ['a promotion with its link', 'Descargue Outlook para Android<https://aka.ms/AAb9ysg>'],
    ['a program and its address', 'Enviado con Aqua Mail para Android\nhttps://www.mobisystems.com/aqua-mail'],
    ['a telephone and an excuse', 'Enviado desde mi celular, disculpe los errores de ortografía'],
    ['a telephone that no list knows', 'Enviado desde mi POCO X5'],
    ['a rule of dashes, longer, and a name', '--------------------\nJuan Castillo\nDirector TI'],
    ['a long rule and a name', '—————————————————\n\n小满\n活动协调人'],
  ])('%s', (_what, signature) => {
    expect(ofText(`${TEXT}\n\n${signature}`)).toEqual({ newText: TEXT, quotedText: '', signature });
  });

  test.each([
    ['side by side', 'Luis Castro | Director | Transportes del Valle\n(602) 555 77 88 ext. 12 | www.cliente.example'],
    ['with a telephone and pictures', '[cid:image001.png@01DA.56AB]\nSandra Gutiérrez\nAlcaldía Municipal\nTeléfono: 8 555 1212'],
    ['with numbers in pairs', 'Claire FONTAINE\nTél. : 01 44 55 66 77\nMob. : 06 12 34 56 78'],
    ['with a number behind a letter', 'Diego Rojas\nGerente\nT: (601) 555 8899 | C: 310 222 3344'],
    ['with a bare number', 'Lorena\n310 777 8899\nwww.cliente.example'],
  ])('contact details %s below a closing', (_how, signature) => {
    expect(ofText(`${TEXT}\n\nMil gracias,\n\n${signature}`)).toEqual({ newText: `${TEXT}\n\nMil gracias,`, quotedText: '', signature });
  });

  test('a block without a closing is a signature when it bears the name or the address of the author', () => {
    const signature = 'CLAUDIA PATRICIA HENAO\nJefe de Nómina\nTel: 602 880 1122 Ext. 305\nchenao@cliente.example';
    const text = `${TEXT}\n\n${signature}`;
    const from = (name: string, address: string) => newTextOf({ text, html: null, head: { forwarded: false, author: { name, address } } });

    expect(from('Henao Ruiz, Claudia', 'nomina@cliente.example').signature).toBe(signature);
    expect(from('', 'chenao@cliente.example').signature).toBe(signature);
    expect(from('Luis Castro', 'lcastro@cliente.example').newText).toBe(text);
    expect(ofText(text).newText).toBe(text);
  });

  test('a notice right below a sentence is parted from it', () => {
    const notice =
      'Esta información es para uso exclusivo de su destinatario y se prohíbe su copia. Si por error recibe este correo, elimínelo.';

    expect(ofText(`${TEXT}\n${notice}`)).toEqual({ newText: TEXT, quotedText: '', signature: notice });
  });

  test('a telephone’s line above the quotation is one when the answer stands below it', () => {
    const { newText, signature } = ofText(`Enviado desde mi iPhone\n\n${ABOVE}\n\n> ¿Abre?\n\nSí, desde las nueve.`);

    expect(newText).toBe('Sí, desde las nueve.');
    expect(signature).toBe('Enviado desde mi iPhone');
  });

  test('a signature above the quotation is one when the answer stands below it', () => {
    const { newText, signature } = ofText(`-- \nAna Pérez\nSistemas\n\n${ABOVE}\n\n> ¿Abre?\n\nSí, desde las nueve.`);

    expect(newText).toBe('Sí, desde las nueve.');
    expect(signature).toBe('-- \nAna Pérez\nSistemas');
  });

  test('the greeting at the top of a mail closes nothing', () => {
    const text = 'Cordial saludo.\nFavor llamar a Luis Gómez\nCel. 310 555 8899\nluis@cliente.example';

    expect(ofText(text).newText).toBe(text);
  });

  test('the sentences above such a block stay with the text', () => {
    const text = `${TEXT}\n\nMi correo es ana@cliente.example.\n\nQuedo pendiente de su llamada.\n\nAna Pérez\nTel. 555 1234\nana@cliente.example`;

    const { newText } = newTextOf({
      text,
      html: null,
      head: { forwarded: false, author: { name: 'Ana Pérez', address: 'ana@cliente.example' } },
    });

    expect(newText).toBe(`${TEXT}\n\nMi correo es ana@cliente.example.\n\nQuedo pendiente de su llamada.`);
  });

  test.each(['Cordialmente,', 'Atentamente', 'Quedo atenta, gracias.', 'Saludos cordiales', 'Atenciosamente,', 'Best regards,'])(
    'the name, post and telephone of a company below "%s"',
    (closing) => {
      const signature =
        '*ANA MARÍA PÉREZ*\nCoordinadora de Sistemas\nTel: (601) 555 12 34 Ext. 102\nCel. 310 555 1234\nCalle 100 # 8-60, Bogotá\nwww.cliente.example\n\n[Logo]';

      expect(ofText(`${TEXT}\n\n${closing}\n\n${signature}`)).toEqual({ newText: `${TEXT}\n\n${closing}`, quotedText: '', signature });
    },
  );

  test('with its notice above the quotation', () => {
    const signature = '-- \nAna Pérez';

    const parts = ofText(`${TEXT}\n\n${signature}\n\n${ABOVE}\n> hola\n`);

    expect(parts).toEqual({ newText: TEXT, quotedText: `${ABOVE}\n> hola`, signature });
  });

  test.each([
    ['a heading with its lines', 'Pasos del error\n-----\nEntrar al portal\nAbrir nómina'],
    ['a name alone', 'Cordialmente,\n\nAna Pérez'],
    ['thanks', 'Muchas gracias,\nAna'],
    [
      'a telephone to call',
      'Gracias.\n\nPor favor llamen a Luis al 310 555 1234, o al (601) 555 1234 después de las 3, porque el correo luis@cliente.example no sirve',
    ],
    ['a long text after two dashes', `--\n${'Este es otro renglón de la lista de fallas.\n'.repeat(30)}Fin`],
    ['a question after two dashes', '-- \nEl último renglón es un error, ¿lo borramos?'],
    ['long lines after two dashes', `--\n\nPrimer caso: ${'el usuario no puede entrar porque su perfil quedó sin roles, '.repeat(2)}etc.`],
    ['a script with remarks', '--\n-- PARCHE 14\n--\nALTER TABLE usuarios ADD token;\nCOMMIT;'],
    ['a sum under a rule', 'Subtotal 100\n_______\nTotal: 119'],
    ['a signature to be printed', 'El pie debe quedar así:\n\nCordialmente,\nFacturación\nTel. 601 555 1234\nfacturas@cliente.example'],
    ['a banner that is pasted', 'Sale esto:\n\n################\nSIN CONEXION\nINTENTE LUEGO'],
    ['a list under dashes with a sentence', '---\n\nPrimer Capítulo\nSegundo Capítulo\n\nFalta el tercero.'],
    ['a line with a gap to fill', 'El servidor\n____________\nes viejo'],
    ['a postscript below a signature', '-- \nAna Pérez\n\nPD: también falla en calidad.'],
    [
      'a requirement on personal data',
      'La oficina de habeas data nos exige que el titular pueda ejercer sus derechos desde el portal; nuestra política está publicada.',
    ],
    ['a lawyer', 'El área jurídica informa que la página no cumple la Ley 1581 de 2012, pues no pide la autorización antes de guardar.'],
    [
      'a complaint',
      'La empresa no se hace responsable si este error borra los registros; este correo sirve de notificación de que la responsabilidad es del proveedor.',
    ],
    ['a report about a server', 'El antivirus ESET ha analizado este servidor y encontró tres archivos infectados.'],
    ['an attachment that is safe', 'Este correo fue analizado por nuestro equipo y no hay virus. El adjunto es seguro.'],
    ['a receiver who waits', 'You are receiving this because the portal is down and nobody answers.'],
    ['a closing under a rule', '--------\n\nSaludos'],
    ['a person to call', 'Por favor contacten a:\n\nLuis Castro\nTel. 310 555 8899\nluis@cliente.example'],
    ['a user to create', 'Cordialmente solicito crear este usuario\nLuis Castro\nTel. 310 555 8899\nluis@cliente.example'],
    [
      'a text to print',
      'El pie de página debe decir:\n\nEste mensaje es confidencial; si lo recibió por error, elimínelo y avise al remitente.',
    ],
    [
      'a requirement of the law',
      'En cumplimiento de la Ley 1581 el sistema debe permitir eliminar los datos personales y notificar al titular.',
    ],
    [
      'a requirement of rights',
      'Si quien abre el documento no es el destinatario, se debe notificar al remitente y eliminar la copia del servidor.',
    ],
    [
      'a requirement of secrecy',
      'Los documentos confidenciales solo los debe abrir el destinatario; si otro lo intenta, se notifica y se borra la copia.',
    ],
    ['a mail that is lost', 'Este correo nunca llega al destinatario: el servidor lo elimina y notifica un error de virus en el adjunto.'],
    ['a fault in printing', 'Antes de imprimir la factura el sistema pide la clave, y es necesario reiniciar el ambiente.'],
    ['a wish to print', 'Favor imprimir este correo y llevarlo a la Gerencia si lo considera necesario.'],
    ['a warning', 'Aviso importante: mañana no habrá servicio.'],
    ['a fault of Outlook', 'No abre Outlook en Android'],
    [
      'a question about a notice',
      'The text "This e-mail is confidential, intended only for you; delete it if received in error" is shown twice. Can you fix that today?',
    ],
    ['what was sent from an address', 'Enviado desde el correo de la Gerencia\n\nSin embargo no aparece, ¿pueden revisar?'],
    ['a sentence on a notice', 'El aviso de confidencialidad del portal está mal escrito, ¿lo cambian?'],
  ])('%s stays with the text', (_what, end) => {
    expect(ofText(`${TEXT}\n\n${end}`).newText).toBe(`${TEXT}\n\n${end}`);
  });

  test('that Outlook marks is believed only when it is short', () => {
    const html = `<div>Hola</div><div class="gmail_signature">${'<div>renglón de la respuesta</div>'.repeat(30)}</div>`;

    expect(ofHtml(html).newText).toContain('renglón de la respuesta');
  });
});

test('no line is lost and no order changed within a part, whatever the mail', () => {
  const line = fc.constantFrom(
    'Hola',
    '',
    '> citado',
    '> > más citado',
    ABOVE,
    'escribió:',
    '-- ',
    '____________',
    'De: Ana <ana@cliente.example>',
    'Enviado el: lunes 6',
    'Asunto: falla',
    '-----Mensaje original-----',
    'Enviado desde mi iPhone',
    'Cordialmente,',
    'Tel: (601) 555 1234',
    'www.cliente.example',
    'Inicio del mensaje reenviado:',
    'ver abajo',
    'a> b',
    '>>> Ana 6/7/2020 10:00 AM >>>',
  );
  const filled = (text: string): string[] =>
    text
      .split('\n')
      .map((each) => each.trimEnd())
      .filter((each) => each !== '');

  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const text = lines.join('\n');

      const { newText, quotedText, signature } = ofText(text);

      expect([newText, quotedText, signature].flatMap(filled).sort()).toEqual(filled(text).sort());
      expect(newText === '').toBe(text.trim() === '');
    }),
    { numRuns: 2000, seed: 1 },
  );
});

describe('P27 hostile text takes a time in proportion to its length', () => {
  // Ten times what a slow and busy machine needs; a quadratic step would take minutes.
  const BOUND_MS = 20_000;

  test.each([
    ['10 MB in lines', 'hola mundo que tal '.repeat(20).concat('\n').repeat(27_000)],
    ['a line of 1 MB', 'a'.repeat(1_000_000)],
    ['a line of 1 MB full of verbs', 'El 3 de mayo Ana escribió: '.repeat(40_000)],
    ['100,000 quoted lines', '> hola\n'.repeat(100_000)],
    ['100,000 quoted lines with answers', '> hola\nsí\n'.repeat(50_000)],
    ['100,000 levels of quotation', '> '.repeat(100_000)],
    ['100,000 header fields', 'De: a@b.example\n'.repeat(100_000)],
    ['100,000 halves of attributions', 'escribió:\n'.repeat(50_000) + 'El 3 de mayo de 2020 Ana <a@b.example>\n'.repeat(50_000)],
    ['100,000 signatures', '-- \nAna\n'.repeat(50_000)],
    ['50,000 telephones', 'Enviado desde mi iPhone\n\n'.repeat(50_000)],
    ['20,000 notices', 'Este mensaje es confidencial; si lo recibió por error, elimínelo y notifique al destinatario.\n\n'.repeat(20_000)],
    ['three million empty lines', `x${'\n'.repeat(3_000_000)}y`],
    ['100,000 rules', `x\n${'_____\n'.repeat(100_000)}De: Ana <a@b.example>`],
    ['20,000 lines of colons', `${'a: '.repeat(130)}\n`.repeat(20_000)],
    ['20,000 lines that end in a colon', 'Ana <ana@x.co> 10:00 3/4/2020:\n> a\n'.repeat(20_000)],
    ['5,000 lines of brackets', `${'<("['.repeat(90)}10:00 3/4/2020:\n> a\n`.repeat(5_000)],
    ['20,000 headers above quoted lines', 'De: a@b.example\nPara: x\nEnviado: 10:00\n\n> x\n'.repeat(20_000)],
    ['20,000 dashes with long lines', `--\n${'a b '.repeat(70)}\n`.repeat(20_000)],
    ['20,000 telephones with questions', 'Enviado desde mi iPhone\n\n¿Y?\n'.repeat(20_000)],
    ['a line of 1 MB of signs without width', '\u200b'.repeat(1_000_000)],
    ['90,000 empty lines above a block of contact details', `hola${'\n'.repeat(90_000)}Pedro Gómez\nTel. 310 555 1234\nwww.gomez.example`],
    ['20,000 lines of capitals', `${'A '.repeat(190)}El lun 3 escribió:\n`.repeat(5_000)],
  ])(
    '%s',
    (_what, text) => {
      const start = performance.now();

      const { newText } = newTextOf({ text, html: null, head: { forwarded: false, author: { name: 'Ana', address: 'ana@x.co' } } });

      expect(newText).not.toBe('');
      expect(performance.now() - start).toBeLessThan(BOUND_MS);
    },
    BOUND_MS + 10_000,
  );

  test.each([
    ['30,000 containers', '<div class=gmail_quote>a</div>'.repeat(30_000)],
    ['15,000 attributions with quotations', `<p>${ABOVE.replaceAll('<', '&lt;')}</p><blockquote>a</blockquote>b`.repeat(15_000)],
  ])(
    '%s',
    (_what, html) => {
      const start = performance.now();

      newTextOf({ text: 'hola', html });

      expect(performance.now() - start).toBeLessThan(BOUND_MS);
    },
    BOUND_MS + 10_000,
  );
});
