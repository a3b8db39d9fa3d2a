interface Called {
  readonly principal?: { readonly name: string; readonly role: string };
}

/** Who calls, for records of what was changed; `local` where nobody has to say who they are. */
export function actorOf(request: object): string {
  return (request as Called).principal?.name ?? 'local';
}

export function isAdmin(request: object): boolean {
  const { principal } = request as Called;
  return principal?.role === 'admin';
}
