/** What is wrong with an answer, in words. */
import type { Wording } from '$lib/generated/commands';
import type { I18n } from '$lib/wording';

/** The form's own words for its own rules, ours for the rest. */
export function problemText(i18n: I18n, problem: { code: string; message: Wording }): string {
  const own = problem.code === 'constraint' ? i18n.pick(problem.message) : '';
  if (own) return own;
  const id = `draft-problem-${problem.code.replaceAll('_', '-')}`;
  return i18n.t(i18n.has(id) ? id : 'draft-problem-other');
}
