import { describe, expect, it } from 'vitest';
import { FakeBackend } from '$lib/backend/fake';
import type { SiteView } from '$lib/generated/commands';
import { PersonForm, loginFrom } from './person-form.svelte';
import { SiteForm } from './site-form.svelte';

describe('a person being added', () => {
  it('gets a login from their name until another is typed', () => {
    const form = new PersonForm(null, 'site-1');
    form.name = 'Léa Moreau-Petit';
    form.nameTyped();
    expect(form.login).toBe('lea.moreau-petit');
    form.login = 'lmp';
    form.loginTyped();
    form.name = 'Léa Moreau';
    form.nameTyped();
    expect(form.login).toBe('lmp');
  });

  it('is saved with empty fields as nothing', async () => {
    const backend = new FakeBackend({ 'directory.save_person': () => ({ id: 'p1' }) });
    const form = new PersonForm(null, null);
    form.name = ' Karim ';
    form.nameTyped();
    expect(await form.save(backend)).toBe('p1');
    expect(backend.calls[0]?.input).toMatchObject({
      name: 'Karim',
      login: 'karim',
      site: null,
      team: null,
    });
  });

  it('says why it could not be saved', async () => {
    const form = new PersonForm(null, null);
    form.name = 'Karim';
    form.nameTyped();
    expect(await form.save(new FakeBackend({}))).toBeNull();
    expect(form.error).toMatchObject({ code: 'not-found' });
    expect(form.busy).toBe(false);
  });
});

describe('a login made from a name', () => {
  it('has neither accents nor edges', () => {
    expect(loginFrom('  Éloïse  d’Arc! ')).toBe('eloise.d.arc');
  });
});

describe('a site being corrected', () => {
  it('keeps the ids of its places and drops those without a name', async () => {
    const site: SiteView = {
      id: 's1',
      name: 'Vénissieux',
      city: 'Vénissieux',
      teams: ['A', 'B'],
      places: [{ id: 'x', name: 'Presse 3', area: 'Atelier' }],
      people: 3,
    };
    const backend = new FakeBackend({ 'directory.save_site': () => ({ id: 's1' }) });
    const form = new SiteForm(site);
    form.addPlace();
    form.teams = 'A\n\n C ';
    await form.save(backend);
    expect(backend.calls[0]?.input).toMatchObject({
      teams: ['A', 'C'],
      places: [{ id: 'x', name: 'Presse 3', area: 'Atelier' }],
    });
  });
});
