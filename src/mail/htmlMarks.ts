/** Attributes of one opening tag: names in lower case, values decoded. */
export type Attributes = Partial<Record<string, string>>;

/**
 * What an element says about the text inside it (or, for `divider`, about all that follows):
 * - `cite`       a quotation of the earlier mail, made by the program that wrote the answer
 * - `block`      a quotation of unknown origin: a bare `<blockquote>`, which authors use too
 * - `history`    holds the earlier mail with the line that introduces it
 * - `divider`    everything from here to the end is the earlier mail
 * - `intro`      the line that introduces a quotation
 * - `signature`  the author's signature
 */
export type Mark = 'cite' | 'block' | 'history' | 'divider' | 'intro' | 'signature';

/**
 * Class names, ids and other names that mail programs give to what they quote, as whole words. Outlook on the web puts `x_` before each
 * name that was in the mail it answers; such names belong to an older level and are inside a quotation already.
 */
const NAMES: ReadonlyMap<string, Mark> = new Map<string, Mark>([
  // Gmail, and programs that took over its names (Mailspring, Superhuman, Missive, Proton, Zoho)
  ['gmail_quote', 'history'],
  ['gmail_quote_container', 'history'],
  ['gmail_attr', 'intro'],
  ['gmail_signature', 'signature'],
  ['gmail_signature_prefix', 'signature'],
  ['nylas-quote', 'history'],
  ['mailspring-quote', 'history'],
  ['protonmail_quote', 'history'],
  ['protonmail_signature_block', 'signature'],
  ['tutanota_quote', 'cite'],
  ['tutanota_signature', 'signature'],
  ['zmail_extra', 'history'],
  ['zmail_signature_below', 'signature'],
  // Outlook: web, mobile, Windows Mail, Mac, Hotmail of old
  ['divrplyfwdmsg', 'divider'],
  ['divtaggedcontent', 'divider'],
  ['appendonsend', 'divider'],
  ['signature', 'signature'],
  ['stopspelling', 'divider'],
  ['olk_src_body_section', 'divider'],
  ['mac_outlook_attribution_blockquote', 'cite'],
  ['outlookmessageheader', 'divider'],
  ['orimsghtmlseperator', 'divider'],
  ['mail-editor-reference-message-container', 'history'],
  ['ms-outlook-mobile-reference-message', 'history'],
  ['ms-outlook-mobile-signature', 'signature'],
  ['ms-outlook-ios-signature', 'signature'],
  // Yahoo, AOL
  ['yahoo_quoted', 'history'],
  ['yqt', 'history'],
  ['yahoo-signature', 'signature'],
  ['ydp-signature', 'signature'],
  // Apple Mail
  ['applemailsignature', 'signature'],
  // Thunderbird
  ['moz-cite-prefix', 'intro'],
  ['moz-email-headers-table', 'divider'],
  ['moz-forward-container', 'history'],
  ['moz-signature', 'signature'],
  // Others: Roundcube, Zimbra, Lotus Notes, Spark, Front, Freshdesk, QQ, NetEase, eM Client, Polymail, Windows Live, phones
  ['zwchr', 'divider'],
  ['__divider__', 'divider'],
  ['__quoted_text__', 'history'],
  ['__sig_post__', 'signature'],
  ['__sig_pre__', 'signature'],
  ['domino-section', 'history'],
  ['messagereplysection', 'history'],
  ['messagesignaturesection', 'signature'],
  ['composer_signature', 'signature'],
  ['front-blockquote', 'history'],
  ['freshdesk_quote', 'history'],
  ['reply-intro', 'intro'],
  ['isreplycontent', 'history'],
  ['mail_quote_block', 'history'],
  ['_origin_email_content', 'history'],
  ['origbody', 'history'],
  ['composer_quoted', 'history'],
  ['cite', 'cite'],
  ['quoted_text', 'history'],
  ['iosymail', 'cite'],
]);

/** `type="cite"`; not `type="citation"`. */
const TYPE_CITE = /^cite\b/i;

/** Where Outlook draws its line above the header block of the earlier mail: `border:none;border-top:solid #E1E1E1 1.0pt`, not `border-top:none`. */
const OUTLOOK_RULE =
  /border-top:\s?(?:solid\s[#\w(), ]{3,30}\s1(?:\.0)?pt|1(?:\.0)?pt\ssolid)|border-(?:style:\s?solid\snone\snone|width:\s?1pt\smedium\smedium)/i;
/** And the space below that line, which nobody else measures so: `padding:3.0pt 0cm 0cm 0cm`; not `padding:3px`. */
const OUTLOOK_SPACE = /padding:\s?3(?:\.0)?pt\s0/i;
/** The colours of the line, which its own programs keep when they drop the space. */
const OUTLOOK_COLOURS = /border-top:.{0,20}(?:#(?:e1e1e1|b5c4df)|rgb\((?:225|181),)/i;

function isOutlookRule(style: string): boolean {
  return OUTLOOK_RULE.test(style) && (OUTLOOK_SPACE.test(style) || OUTLOOK_COLOURS.test(style));
}

/** The attributes in which programs write them. */
const NAMING = ['class', 'id', 'name', 'data-marker'];

/** The names written in an attribute, in lower case: `gmail_quote x` gives two. */
function namesIn(value: string): string[] {
  return value.length > 500 ? [] : value.toLowerCase().split(/\s/, 20);
}

function markNamed(attributes: Attributes): Mark | undefined {
  for (const key of NAMING) {
    const value = attributes[key];
    if (value === undefined) continue;
    for (const name of namesIn(value)) {
      const mark = NAMES.get(name) ?? (/^yqt\d|yahoo_quoted/.test(name) ? 'history' : undefined);
      if (mark) return mark;
    }
  }
  return undefined;
}

/** What this opening tag says about the text that follows, or undefined. */
export function markOf(tag: string, attributes: Attributes): Mark | undefined {
  const named = markNamed(attributes);
  if (tag === 'blockquote') {
    if (named || TYPE_CITE.test(attributes['type'] ?? '')) return 'cite';
    return 'block';
  }
  if (named && named !== 'cite') return named;
  if (tag === 'div' && isOutlookRule((attributes['style'] ?? '').slice(0, 500))) return 'divider';
  return undefined;
}
