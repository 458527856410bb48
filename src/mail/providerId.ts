/**
 * What Amazon SES answers: `250 Ok 0100018c5f3a9b2e-1f6d…-000000`. It is the Message-ID without its domain, which depends on the region
 * (`email.amazonses.com`, `eu-west-1.amazonses.com`) and stands in no answer.
 */
const SES_ANSWER = /^250 Ok ([0-9a-f]{16}-[0-9a-f-]{30,40}-\d{6})\s{0,5}$/i;
const SES_DOMAIN = /@[a-z0-9-]{1,30}\.amazonses\.com$/i;
const SES = '@amazonses.com';

/**
 * The Message-ID that a provider put in place of ours, when its answer names it: `250 2.0.0 OK <a@prod.outlook.com> [Hostname=b]`; not the `<c@d>` of
 * our own.
 */
export function providerIdIn(response: string, ours: string): string | null {
  const ses = SES_ANSWER.exec(response)?.[1];
  if (ses !== undefined) return `${ses.toLowerCase()}${SES}`;
  const id = /<([^<>\s@]{1,200}@[^<>\s@]{1,200})>/.exec(response)?.[1] ?? null;
  return id === ours ? null : id;
}

/** The names under which a Message-ID in a reply may be known: its own, and for one of Amazon SES that of `providerIdIn`. */
export function namesOfId(id: string): string[] {
  return SES_DOMAIN.test(id) ? [id, id.replace(SES_DOMAIN, SES).toLowerCase()] : [id];
}
