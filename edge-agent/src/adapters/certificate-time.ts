import { systemClock, systemErrorCode } from '@pomona/wire';

/**
 * What a server's certificate that is out of its time says of this board's clock, which is more often wrong than the certificate: a board
 * without a battery clock wakes up in any year. Undefined of other errors.
 */
export function clockTrouble(error: unknown, nowMs = systemClock.nowMs()): string | undefined {
  const code = systemErrorCode(error);
  if (code !== 'CERT_NOT_YET_VALID' && code !== 'CERT_HAS_EXPIRED') return undefined;
  const [what, which] =
    code === 'CERT_NOT_YET_VALID' ? ['is not valid yet', 'behind'] : ['is valid no more', 'ahead'];
  const says = `this board’s clock says ${new Date(nowMs).toISOString()}, and by it the control plane’s certificate ${what}`;
  return `${says}: if the clock is ${which}, set it (\`timedatectl\`, a time server, a battery); if it is right, look at the control plane’s certificate`;
}
