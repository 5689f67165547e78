/** What no line of the new file may have: it would end the line, or act on a terminal. */
const control = /[^\P{Cc}\t]/gu;

export function hasControl(text: string): boolean {
  return text.search(control) >= 0;
}

/** For what is shown or said in a comment: `\x0a` in the place of a newline, and so on. */
export function withoutControls(text: string): string {
  return text.replace(control, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
