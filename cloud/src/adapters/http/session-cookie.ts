import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionSeconds } from '../../use-cases/access.ts';

/** Browsers keep cookies by host and not by port: two control planes of one machine must not sign each other out. */
function nameOf(request: FastifyRequest): string {
  return `pomona_session_${request.socket.localPort ?? 0}`;
}

export function sessionOf(request: FastifyRequest): string | undefined {
  const start = `${nameOf(request)}=`;
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  const found = cookies.find((cookie) => cookie.startsWith(start))?.slice(start.length);
  return found !== undefined && /^[\w-]{20,200}$/.test(found) ? found : undefined;
}

/** Not readable by scripts, not sent by pages of other sites. */
export function setSession(request: FastifyRequest, reply: FastifyReply, session: string): void {
  setCookie(request, reply, session, sessionSeconds);
}

export function clearSession(request: FastifyRequest, reply: FastifyReply): void {
  setCookie(request, reply, '', 0);
}

function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, seconds: number): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${nameOf(request)}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`,
  );
}
