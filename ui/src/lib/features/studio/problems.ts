/** The lint's codes, in words. */
import type { Problem } from '$lib/generated/commands';

interface Words {
  has: (id: string) => boolean;
  t: (id: string, args?: Record<string, string>) => string;
}

/** A problem as a sentence: what is wrong and how to mend it. Its values are `$a` to `$e` in the wording. */
export function problemText(words: Words, problem: Problem): string {
  const id = `studio-problem-${problem.code}`;
  if (!words.has(id)) return words.t('studio-problem-unknown', { code: problem.code });
  const [a = '', b = '', c = '', d = '', e = ''] = problem.values;
  return words.t(id, { a, b, c, d, e });
}
