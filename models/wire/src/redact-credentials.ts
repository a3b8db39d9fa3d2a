/**
 * A name and password of an address end at its last `@` before the path (RFC 3986, section 3.2.1), but people type passwords as
 * they are, with `@`, `/` and `?` in them: all up to the last `@` of the word goes. Rather an address that lost the
 * beginning of its path than a password in a log.
 */
const userInfo = /(?<=:\/\/)[^\s"']*@/g;
/** Of a text that was cut off: where the `@` would have come is not to be seen. */
const cutUserInfo = /(?<=:\/\/[^\s"'/:@]+:)(?!\d{1,5}(?:[/?#\s"']|$))[^\s"'@]*$/;
/** Cameras that take them in the query or the path. */
const named = /(?<=(?:password|passwd|passwort|pwd|pass)[=:])[^\s"'&;]+/gi;

/** The text without the names and passwords of the addresses in it. */
export function redactCredentials(text: string): string {
  return text.replace(userInfo, '').replace(cutUserInfo, '…').replace(named, '…');
}
