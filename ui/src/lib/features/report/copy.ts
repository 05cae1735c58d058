/** A new draft with the words of a report that was refused: nothing has to be typed again. */
import type { Backend } from '$lib/backend';
import type { ReportView } from '$lib/generated/commands';

/** Copies answers and photos into the draft `id`, pinned to the same release of the form. */
export async function copyToDraft(
  backend: Pick<Backend, 'call'>,
  view: ReportView,
  id: string,
): Promise<void> {
  const { form, release, questions } = view.program;
  await backend.call('draft.start', { id, form, release, practice: false });
  for (const { name, type } of questions) {
    const value = view.answers[name];
    if (value === undefined || type === 'photo' || type === 'calculate' || type === 'note')
      continue;
    await backend.call('draft.save', { id, field: name, value });
  }
  for (const { hash, field } of view.attachments) {
    const { media_type, base64 } = await backend.call('blob.read', { hash });
    if (base64 !== null) await backend.call('draft.attach', { id, field, media_type, base64 });
  }
}
