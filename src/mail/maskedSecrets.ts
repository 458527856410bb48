const MASK = '***';

/** What a secret is called, in Spanish, English and Portuguese; `db_password` and `PGPASSWORD` too, but not `autoclave` or `palabra clave`. */
const NAMES: readonly RegExp[] = [
  /contrase(?:ñ|n\u0303|n)as?/,
  /passwords?|passwd|passphrase|passcode|pwd/,
  /(?<!\p{L}|palabras? )claves?/u,
  /(?<!\p{L})(?:senhas?|tokens?|pass(?=["']?[ \t]{0,3}[:=])|pin|otp|credencial(?:es)?|secretos?|(?:client[ _-]?)?secret|api[ _-]?key)/u,
];

/** Up to six words between name and value: `clave del usuario admin: x`, `contraseña temporal es x`. */
const BETWEEN = /(?:[ \t]{1,3}[\p{L}_./-]{1,20}){0,6}/u.source;
/** `:`, `=`, `->`, `>` or `es`, with a quote that JSON puts before it and a line end behind it. */
const SAID = /["'\])]{0,2}[ \t]{0,3}(?:[:=>]{1,2}|-{1,2}>|(?<=[ \t])(?:es|is|é)(?=[\s:]):?)[ \t]{0,3}\n?[ \t]{0,3}/.source;
/** In quotes with its blanks, or as far as there is no blank; both of `juan / secreta1`. */
const VALUE = /(?:"[^"\n]{1,200}"|'[^'\n]{1,200}'|“[^”\n]{1,200}”|«[^»\n]{1,200}»|\S+)(?:[ \t]{1,3}\/[ \t]{1,3}\S+)?/.source;
/** Words that a sentence goes on with: `la contraseña es incorrecta`, `the password is wrong`. */
const NO_VALUE =
  /(?!(?:(?:in)?(?:correct[ao]?|v[aá]lid[ao]?)|la|el|los|las|un|una|que|muy|de|no|ni|si|the|a|an|not|wrong|expired|required|demasiado|necesari[ao]|obligatori[ao]|igual|d[eé]bil)[.,;!?]{0,3}(?:\s|$))/
    .source;
/** Without a separator only what looks like a secret counts: quoted, or four characters with a digit. `PIN 1234`, `clave Abc123`; not `token expirado`. */
const BARE = /[ \t]{1,3}(?=["'“«]|\S{0,60}\d)(?=\S{4})/.source;

const NAMED = new RegExp(
  `((?:${NAMES.map(({ source }) => source).join('|')})(?!\\p{L})(?:${BETWEEN}${SAID}${NO_VALUE}|${BARE}))${VALUE}`,
  'giu',
);
/** `Authorization: Bearer abc`; the scheme stays. Not `authorization was refused`. */
const AUTHORIZATION = /\b(authorization["']?[ \t]{0,3}[:=][ \t]{0,3}["']?(?:(?:bearer|basic|digest)[ \t]{1,3})?)\S+/gi;
/** `https://user:secret@host`, as far as the last `@` of `user:sec@ret@host`; not `https://host:8080/a@b`. */
const IN_ADDRESS = /(:\/\/[^\s/@:]{1,100}:)[^\s/]{1,200}(?=@)/g;
/** A signed token as it is (RFC 7519): `eyJhbGciOi.eyJzdWIi.c2ln`; not `eyJ` in a word. */
const SIGNED_TOKEN = /(?<![\w-])eyJ[\w-]{6,}\.[\w.-]+/g;

/**
 * Text without the passwords that people write into it, for logs and digests: what follows `clave:`, `contraseña es`, `password=`, `PIN 1234` becomes
 * `***`. It masks rather too much than too little, and finds only what is named: nobody can tell a bare password from a word. Linear.
 */
export function maskedSecrets(text: string): string {
  return text.replace(SIGNED_TOKEN, MASK).replace(IN_ADDRESS, `$1${MASK}`).replace(AUTHORIZATION, `$1${MASK}`).replace(NAMED, `$1${MASK}`);
}
