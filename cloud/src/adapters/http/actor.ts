/** Who calls, for records of what was changed; `local` where nobody has to say who they are. */
export function actorOf(request: object): string {
  return (request as { readonly principal?: { readonly name: string } }).principal?.name ?? 'local';
}
