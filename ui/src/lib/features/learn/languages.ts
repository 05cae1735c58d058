/** A capsule exists in several languages: which one to show. */

/** The version in `language`, or in French, or in whichever there is. */
export function inLanguage<T>(
  versions: Readonly<Record<string, T>>,
  language: string,
): { language: string; value: T } | null {
  for (const code of [language, 'fr', ...Object.keys(versions).sort()]) {
    const value = versions[code];
    if (value !== undefined) return { language: code, value };
  }
  return null;
}
