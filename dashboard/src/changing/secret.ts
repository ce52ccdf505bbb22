const hex = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A secret of 256 bits from the browser's own generator. */
export function makeSecret(): string {
  return hex(crypto.getRandomValues(new Uint8Array(32)));
}

/** The salted hash that is recorded in place of a secret: `sha256:<salt>:<hash>`. */
export async function hashSecret(
  secret: string,
  salt: Uint8Array = crypto.getRandomValues(new Uint8Array(16)),
): Promise<string> {
  const text = new TextEncoder().encode(secret);
  const salted = new Uint8Array(salt.length + text.length);
  salted.set(salt);
  salted.set(text, salt.length);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', salted));
  return `sha256:${hex(salt)}:${hex(hash)}`;
}
