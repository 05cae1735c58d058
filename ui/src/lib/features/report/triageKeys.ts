/** The keys of triage: one letter each, silent while someone types or a sheet is open. */

export interface TriageKeys {
  next: () => void;
  previous: () => void;
  assign: () => void;
  comment: () => void;
  search: () => void;
  help: () => void;
}

const NAMES: Readonly<Record<string, keyof TriageKeys>> = {
  j: 'next',
  k: 'previous',
  e: 'assign',
  c: 'comment',
  '/': 'search',
  '?': 'help',
};

/** Hears keys and does what they say. */
export function onTriageKey(keys: TriageKeys): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    const name = NAMES[event.key];
    if (!name) return;
    event.preventDefault();
    keys[name]();
  };
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [contenteditable]') !== null
  );
}
