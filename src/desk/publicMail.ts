import { domainOf } from '../mail/fields.ts';

/** Domains that serve everybody: their people are neither one sender nor one company. */
const PUBLIC_MAIL = new Set(
  `gmail.com googlemail.com hotmail.com hotmail.es outlook.com outlook.es live.com msn.com yahoo.com yahoo.es yahoo.com.co yahoo.com.mx yahoo.com.ar
  yahoo.com.br aol.com icloud.com me.com proton.me protonmail.com gmx.com gmx.net zoho.com mail.com une.net.co etb.net.co`.split(/\s+/),
);

/** @param domain in lower case */
export function isPublicMail(domain: string): boolean {
  return PUBLIC_MAIL.has(domain);
}

/** The domain whose authenticated people are our own staff: that of our address, unless it is a public provider's, whose people are strangers. */
export function staffDomainOf(ourAddress: string): string | null {
  const domain = domainOf(ourAddress);
  return isPublicMail(domain) ? null : domain;
}
