/** `1 mensaje`, `2 mensajes`, `0 mensajes`. */
export function counted(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}
