import { describe, expect, test } from '@jest/globals';
import { newTextOf } from '../../src/mail/newText.ts';

/** What programs write above the earlier mail, by language: one entry is one program or version. */
const ABOVE: Record<string, string[]> = {
  Spanish: [
    'El lun, 6 jul 2020 a las 10:00, Soporte (<soporte@itac.co>) escribió:',
    'El lun., 6 de jul. de 2020 10:00, Soporte <soporte@itac.co> escribió:',
    'El 6/07/2020, a las 10:00 a. m., Soporte <soporte@itac.co> escribió:',
    'El 6 de julio de 2020, 10:00, Soporte <soporte@itac.co>\nescribió:',
    'El lunes, 6 de julio de 2020 10:00:00 GMT-5, Soporte de la Mesa de Ayuda\n<soporte@itac.co> escribió:',
    'En lunes, 6 de julio de 2020 10:00:00 GMT-5, Soporte <soporte@itac.co> escribió:',
    'El 06/07/20 a las 10:00, Soporte escribió:',
    'El 2020-07-06 10:00, Soporte escribió:',
    '---- El Lun, 06 Jul 2020 10:00:00 -0500 Soporte <soporte@itac.co> escribió ----',
    'De: Soporte <soporte@itac.co>\nEnviado: lunes, 6 de julio de 2020 10:00 a. m.\nPara: Ana Pérez <ana@cliente.example>\nAsunto: RE: consulta',
    'De: Soporte [mailto:soporte@itac.co]\nEnviado el: lunes, 6 de julio de 2020 10:00 a. m.\nPara: Ana Pérez\nCC: Luis\nAsunto: RE: consulta',
    '________________________________\nDe: Soporte <soporte@itac.co>\nEnviado: lunes, 6 de julio de 2020 10:00\nPara: Ana\nAsunto: consulta',
    '*De:* Soporte <soporte@itac.co>\n*Enviado el:* lunes, 6 de julio de 2020\n*Para:* Ana\n*Asunto:* consulta',
    '-----Mensaje original-----\nDe: Soporte\nEnviado el: lunes',
    '-------- Mensaje original --------',
    '---------- Mensaje reenviado ---------\nDe: Soporte <soporte@itac.co>',
    'Inicio del mensaje reenviado:\n\nDe: Soporte <soporte@itac.co>',
    'Desde: Soporte <soporte@itac.co>\nFecha: lunes, 6 de julio de 2020, 10:00\nPara: Ana\nAsunto: consulta',
    '== Por favor escriba su respuesta por encima de esta línea ==',
    'El El lun, 6 de julio de 2020 a la(s) 10:00 a. m., Soporte <soporte@itac.co> escribió:',
    'El 06/07/20 a las 10:00, Soporte <soporte@itac.co> comentó:',
    '6 jul 2020, 10:00 por soporte@itac.co:',
    'lunes, 6 de julio de 2020, 10:00 -05:00 de Soporte <soporte@itac.co>:',
    '-----"Soporte" <soporte@itac.co> escribió: -----',
    'Soporte <soporte@itac.co>\n06/07/2020 10:00 a.m.\n\nPara\n"Ana" <ana@cliente.example>\ncc\n\nAsunto\nRe: consulta',
    'De:\nSoporte <soporte@itac.co>\nEnviado:\nlunes, 6 de julio de 2020 10:00\nPara:\nAna\nAsunto:\nRE: consulta',
    'De: Soporte\nEnviado el: lunes, 06 de julio de 2020 10:00 a.m.\nPara: Ana\nAsunto: RE: consulta',
  ],
  Portuguese: [
    'Em seg., 6 de jul. de 2020 às 10:00, Suporte <suporte@itac.co> escreveu:',
    'Em 6 de julho de 2020 10:00, Suporte <suporte@itac.co> escreveu:',
    'Em segunda-feira, 6 de julho de 2020 10:00:00 BRT, Suporte\n<suporte@itac.co> escreveu:',
    'No dia 06/07/2020, às 10:00, Suporte <suporte@itac.co> escreveu:',
    'A segunda, 6/07/2020, 10:00, Suporte <suporte@itac.co> escreveu:',
    'De: Suporte <suporte@itac.co>\nEnviado: segunda-feira, 6 de julho de 2020 10:00\nPara: Ana\nAssunto: Re: consulta',
    'De: Suporte [mailto:suporte@itac.co]\nEnviada em: segunda-feira, 6 de julho de 2020 10:00\nPara: Ana\nAssunto: Re: consulta',
    '-----Mensagem original-----',
    '---------- Mensagem encaminhada ----------',
    'Início da mensagem encaminhada:',
  ],
  English: [
    'On Mon, Jul 6, 2020 at 10:00 AM Support <support@itac.co> wrote:',
    'On Mon, Jul 6, 2020 at 10:00 AM, Support of the Long Named Department <\nsupport@itac.co> wrote:',
    'On 6 Jul 2020, at 10:00, Support <support@itac.co> wrote:',
    'On 7/6/2020 10:00 AM, Support wrote:',
    'On 2020-07-06 10:00, Support wrote:',
    'On Monday, July 6, 2020, 10:00:00 AM GMT-5, Support <support@itac.co> wrote:',
    '‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nOn Monday, July 6th, 2020 at 10:00 AM, Support <support@itac.co> wrote:',
    '------- Original Message -------',
    '----- Original message -----\nFrom: Support <support@itac.co>',
    'Support <support@itac.co> wrote on 07/06/2020 10:00:00 AM:',
    'From:\tSupport <support@itac.co>\nTo:\tAna <ana@cliente.example>\nDate:\t07/06/2020 10:00 AM\nSubject:\tRe: question',
    'From: Support <support@itac.co>\nDate: Monday, 6 July 2020 at 10:00\nTo: Ana <ana@cliente.example>\nSubject: Re: question',
    'Date: Mon, 6 Jul 2020 10:00:00 -0500\nSubject: question\nFrom: support@itac.co\nTo: ana@cliente.example',
    '-----Original Message-----\nFrom: Support',
    'From: Support [mailto:support@itac.co] Sent: Monday, July 6, 2020 10:00 AM To: Ana Subject: RE: question',
    '-------- Original message --------\nFrom: Support <support@itac.co>\nDate: 7/6/20 10:00 (GMT-05:00)\nTo: ana@cliente.example\nSubject: Re: question',
    '---------- Forwarded message ---------\nFrom: Support <support@itac.co>',
    'Begin forwarded message:\n\nFrom: Support <support@itac.co>',
    '##- Please type your reply above this line -##',
    '------------------ Original ------------------\nFrom: "Support"<support@itac.co>;',
    '2020-07-06 10:00 GMT-05:00 Support <support@itac.co>:',
    'From: Support <support@itac.co>',
    'In a message dated 7/6/2020 10:00:00 AM Eastern Daylight Time, support@itac.co writes:',
    'On July 6, 2020 at 10:00:00, Support (support@itac.co) said:',
    'Monday, July 6, 2020 10:00 AM +03:00 from Support <support@itac.co>:',
    'On Nov 26, 2013 you wrote:',
  ],
  French: [
    'Le lun. 6 juil. 2020 à 10:00, Support <support@itac.co> a écrit :',
    'Le 6 juillet 2020 10:00, Support <support@itac.co> a\nécrit :',
    'Le 06/07/2020 à 10:00, Support a écrit :',
    'De : Support <support@itac.co>\nEnvoyé : lundi 6 juillet 2020 10:00\nÀ : Ana\nObjet : RE: question',
    "-----Message d'origine-----",
    'Début du message réexpédié :',
  ],
  German: [
    'Am Mo., 6. Juli 2020 um 10:00 Uhr schrieb Support <support@itac.co>:',
    'Am 06.07.2020 um 10:00 schrieb Support:',
    'Support <support@itac.co> schrieb am Mo., 6. Juli 2020, 10:00:',
    'Von: Support <support@itac.co>\nGesendet: Montag, 6. Juli 2020 10:00\nAn: Ana\nBetreff: AW: Frage',
    '-----Ursprüngliche Nachricht-----',
    'Anfang der weitergeleiteten Nachricht:',
    'Support support@itac.co schrieb am Mo., 6. Juli 2020 um 10:00:',
  ],
  Italian: [
    'Il giorno lun 6 lug 2020 alle ore 10:00 Supporto <supporto@itac.co> ha scritto:',
    'Il 06/07/2020 10:00, Supporto ha scritto:',
    'Da: Supporto <supporto@itac.co>\nInviato: lunedì 6 luglio 2020 10:00\nA: Ana\nOggetto: R: domanda',
    '-----Messaggio originale-----',
  ],
  Dutch: [
    'Op ma 6 jul. 2020 om 10:00 schreef Support <support@itac.co>:',
    'Op 6 jul. 2020 om 10:00 heeft Support <support@itac.co> het volgende geschreven:',
    'Van: Support <support@itac.co>\nVerzonden: maandag 6 juli 2020 10:00\nAan: Ana\nOnderwerp: RE: vraag',
  ],
  Scandinavian: [
    'Den mån 6 juli 2020 kl 10:00 skrev Support <support@itac.co>:',
    'man. 6. jul. 2020 kl. 10:00 skrev Support <support@itac.co>:',
    'Den 6. jul. 2020 kl. 10.00 skrev Support <support@itac.co>:',
    'Från: Support <support@itac.co>\nSkickat: den 6 juli 2020 10:00\nTill: Ana\nÄmne: SV: fråga',
    'Fra: Support <support@itac.co>\nSendt: 6. juli 2020 10:00\nTil: Ana\nEmne: SV: spørgsmål',
  ],
  Finnish: [
    'ma 6. heinäk. 2020 klo 10.00 Tuki (tuki@itac.co) kirjoitti:',
    'Lähettäjä: Tuki <tuki@itac.co>\nLähetetty: 6. heinäkuuta 2020 10:00\nVastaanottaja: Ana\nAihe: VS: kysymys',
  ],
  Polish: [
    'pon., 6 lip 2020 o 10:00 Wsparcie <wsparcie@itac.co> napisał(a):',
    'W dniu 2020-07-06 o 10:00, Wsparcie pisze:',
    'Wiadomość napisana przez Wsparcie <w@itac.co> w dniu 06.07.2020, o godz. 10:00:',
    'Od: Wsparcie <w@itac.co>\nWysłano: poniedziałek, 6 lipca 2020\nDo: Ana\nTemat: Odp: pytanie',
  ],
  Russian: [
    'пн, 6 июл. 2020 г. в 10:00, Поддержка <help@itac.co>:',
    '6 июля 2020, 10:00, Поддержка написал:',
    'От: Поддержка <help@itac.co>\nОтправлено: 6 июля 2020 г. 10:00\nКому: Ana\nТема: Re: вопрос',
  ],
  Czech: ['po 6. 7. 2020 v 10:00 odesílatel Podpora <podpora@itac.co> napsal:', 'Dne 6.7.2020 v 10:00 Podpora napsal(a):'],
  Turkish: [
    'Destek <destek@itac.co>, 6 Tem 2020 Pzt, 10:00 tarihinde şunu yazdı:',
    'Destek Masası <destek@itac.co>, 6 Tem\n2020 Pzt, 10:00 tarihinde şunu yazdı:',
    'Destek <destek@itac.co> şunları yazdı (6 Tem 2020 10:00):',
  ],
  Hungarian: [
    'Segítség <help@itac.co> ezt írta (időpont: 2020. júl. 6., H, 10:00):',
    '2020. 07. 06. 10:00 keltezéssel, Segítség a következőt írta:',
  ],
  Indonesian: ['Pada tanggal Sen, 6 Jul 2020 pukul 10.00 Bantuan <help@itac.co>\nmenulis:'],
  Arabic: ['في ٠٦/٠٧/٢٠٢٠ الساعة ١٠:٠٠ ص، كتب/كتبت Support <help@itac.co>:'],
  'Hebrew, with marks of direction': ['\u202bבתאריך יום ב׳, 6 ביולי 2020 ב-10:00 מאת \u202aITAC\u202c <\u202ahelp@itac.co\u202c>:\u202c'],
  'a language that no table knows': ['Noong Lun, Hul 6, 2020 nang 10:00 AM, si Suporta <help@itac.co> ay nagsulat:'],
  Vietnamese: ['Vào Th 2, 6 thg 7, 2020 lúc 10:00 Hỗ trợ <help@itac.co> đã viết:'],
  Chinese: [
    '支持 <help@itac.co> 于2020年7月6日周一 10:00写道：',
    '发件人: 支持 <help@itac.co>\n发送时间: 2020年7月6日 10:00\n收件人: Ana\n主题: 回复: 问题',
    '------------------ 原始邮件 ------------------',
    '------------------&nbsp;原始邮件&nbsp;------------------',
  ],
  Japanese: [
    '2020年7月6日(月) 10:00 サポート <help@itac.co>:',
    '差出人: サポート <help@itac.co>\n送信日時: 2020年7月6日 10:00\n宛先: Ana\n件名: RE: 質問',
  ],
  Korean: [
    '2020년 7월 6일 (월) 오전 10:00, 지원 <help@itac.co>님이 작성:',
    '보낸 사람: 지원 <help@itac.co>\n보낸 날짜: 2020년 7월 6일\n받는 사람: Ana\n제목: 질문',
  ],
};

describe.each(Object.entries(ABOVE))('P24 the earlier mail is found in %s', (_language, forms) => {
  test.each(forms)('%s', (above) => {
    const quoted = newTextOf({
      text: `Buenos días, ya funciona.\n\n${above}\n\n> Por favor confirme si el error continúa.\n> Equipo de soporte\n`,
      html: null,
    });
    const unmarked = newTextOf({
      text: `Buenos días, ya funciona.\n\n${above}\n\nPor favor confirme si el error continúa.\nEquipo de soporte\n`,
      html: null,
    });

    expect(quoted.newText).toBe('Buenos días, ya funciona.');
    expect(unmarked.newText).toBe('Buenos días, ya funciona.');
    expect(unmarked.quotedText).toContain(above.split('\n').at(-1));
    expect(unmarked.quotedText).toContain('Por favor confirme');
  });
});

test.each([
  'Enviado desde mi iPhone',
  'Enviado desde mi Samsung Galaxy',
  'Enviado desde mi HUAWEI de Claro.',
  'Enviado desde Correo para Windows',
  'Enviado desde Yahoo Mail para Android',
  'Enviado desde Outlook para Android<https://aka.ms/AAb9ysg>',
  'Obtener Outlook para iOS<https://aka.ms/o0ukef>',
  'Obtener [Outlook para Android](https://aka.ms/AAb9ysg)',
  'Obtener BlueMail para Android',
  '\u2063Obtén TypeApp para Android \u200b',
  'Télécharger Spark pour iOS',
  'Este mensaje ha sido enviado desde mi móvil',
  'Este correo fue enviado desde mi celular, disculpe la brevedad',
  'Escrito desde mi iPhone',
  '"Enviado desde mi teléfono Huawei"',
  'Sent from my Verizon, Samsung Galaxy smartphone',
  'Sent from Mail<https://go.example/fwlink/?LinkId=1> for Windows',
  'Отправлено из Mail.ru для Android',
  'Enviado do meu iPhone',
  'Enviado do Yahoo Mail no Android',
  'Obter o Outlook para Android',
  'Sent from my iPhone',
  'Sent from my Galaxy',
  'Sent from Mail for Windows',
  'Sent from Yahoo Mail on Android',
  'Get Outlook for iOS',
  'Sent via the Samsung Galaxy S10 an AT&T 5G smartphone',
  'Sent with Proton Mail secure email.',
  'Sent with Tutanota',
  'Envoyé de mon iPhone',
  'Von meinem iPhone gesendet',
  'Inviato da iPhone',
  'Verstuurd vanaf mijn iPhone',
  'Skickat från min iPhone',
  'Sendt fra min iPhone',
  'Lähetetty iPhonesta',
  'Wysłane z iPhone',
  'Отправлено с iPhone',
  '发自我的iPhone',
])('P25 %s is a signature', (line) => {
  const { newText, signature, quotedText } = newTextOf({
    text: `Sí, ya quedó.\n\n${line}\n\nEl 6/07/20 a las 10:00, Soporte escribió:\n> ¿Quedó?\n`,
    html: null,
  });

  expect(newText).toBe('Sí, ya quedó.');
  expect(signature).toBe(line);
  expect(quotedText).toContain('¿Quedó?');
});

test.each([
  'Enviado desde ayer el informe a contabilidad y seguimos sin respuesta del banco',
  'Enviado con copia a Gerencia',
  'Enviado desde mi celular pero no llega al portal',
  'Descargar el instalador para Windows',
  'On July 6, 2020 I wrote:',
  'Sent from my desk, which is easier than my phone.',
  'El cliente escribió: no funciona el portal',
  'De acuerdo: se envía el 6 de julio a las 10:00',
  'Para: lo de siempre',
  'On Monday the system wrote 3 files:',
  'El servidor reporta a las 10:15 lo siguiente:',
  'Fecha: 6 de julio\nHora: 10:00\nLugar: oficina',
  'De: bodega 3\nLleva: bodega 4',
  'A las 10:00 llegó el camión:',
  'El servidor, a las 10:15, escribió:',
  'El 6 de marzo de 2024 a las 10:15 el proceso nocturno escribió:',
  'El 12 de marzo Patricia nos escribió:',
  'El lunes 4 de marzo de 2024 a las 9:30 am ocurrió lo siguiente:',
  'El cliente escribió a ana@cliente.example:',
  'El usuario ana@cliente.example nos escribió:',
  '2024-03-04 09:30 Caída del nodo 1 (reportó: ana@cliente.example):',
  'On March 5, 2024 at 9:12 the batch job wrote:',
  '[2024-04-11 16:41:02] ERROR: El usuario ana@cliente.example escribió:',
  'De: 01/03\nAté: 05/03\nTotal: 15 erros',
])('an author’s own line is no quotation: %s', (line) => {
  const text = `Buenos días.\n\n${line}\n\nQuedo atenta.`;

  const { newText } = newTextOf({ text, html: null });

  expect(newText).toBe(text);
});

test.each([
  ['a verb that no table knows', 'El 06.07.2020 10:00, Soporte anotó:'],
  ['no date', 'Zitat von Soporte <soporte@itac.co>:'],
  ['no verb and no colon', '2012/7/6 Mesa de Ayuda <soporte@itac.co>'],
  ['no name', 'Вы писали 6 июля 2020 г., 10:00:00:'],
  ['a name in two lines and a date in the second', 'Mesa de Ayuda <soporte@itac.co> schrieb am Mo., 6.\nJuli 2020 um 10:00 Uhr:'],
])('P24 quoted lines prove an attribution with %s', (_what, above) => {
  const { newText, quotedText } = newTextOf({ text: `Ya funciona.\n\n${above}\n\n> ¿Funciona?\n`, html: null });

  expect(newText).toBe('Ya funciona.');
  expect(quotedText).toBe(`${above}\n\n> ¿Funciona?`);
});

test.each([
  'A las 10:00 del 6/07/2020 salió este mensaje:',
  'Nuestro usuario Ana <ana@cliente.example> reporta lo siguiente:',
  'Según la bitácora, el usuario mlopez escribió:',
])('P22 the author’s own line above quoted lines is no attribution: %s', (line) => {
  const text = `${line}\n> Error 500\n> Sin conexión`;

  expect(newTextOf({ text: `${text}\n\nGracias`, html: null }).newText).toContain(text);
});

test.each(['', ' '])('P24 an attribution and the first quoted words in one line are told apart, "%s" between them', (blank) => {
  const { newText, quotedText } = newTextOf({
    text: `Ya quedó.\nOn Wed, Jan 4, 2023 10:00 AM, Ana wrote:${blank}> ¿Quedó?\n> Gracias`,
    html: null,
  });

  expect(newText).toBe('Ya quedó.');
  expect(quotedText).toContain('¿Quedó?');
});
