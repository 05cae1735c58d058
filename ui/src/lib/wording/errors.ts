/** What an error says to the person in front of the screen. */
import type { I18n } from './i18n.svelte';

/** The code of an error thrown by the backend; `unexpected` for anything else. */
export function errorCode(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    const code = (error as { code: unknown }).code;
    if (typeof code === 'string' && code !== '') return code;
  }
  return 'unexpected';
}

/** A sentence for an error: what happened and what to do. Never the message of the log. */
export function errorText(i18n: I18n, error: unknown): string {
  const id = `error-${errorCode(error)}`;
  return i18n.t(i18n.has(id) ? id : 'error-unexpected');
}
