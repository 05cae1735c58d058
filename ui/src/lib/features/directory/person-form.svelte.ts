/** A person being added or corrected. */
import type { Backend } from '$lib/backend';
import type { DirectorySavePerson, PersonView, Role } from '$lib/generated/commands';
import { plain } from './search';

export class PersonForm {
  name = $state('');
  login = $state('');
  roles: Role[] = $state(['operator']);
  site = $state('');
  team = $state('');
  trade = $state('');
  language = $state('fr');
  active = $state(true);
  busy = $state(false);
  error = $state.raw<unknown>(undefined);

  readonly id: string | null;
  #loginTouched: boolean;

  constructor(person: PersonView | null, site: string | null) {
    this.id = person?.id ?? null;
    this.#loginTouched = person !== null;
    this.site = person ? (person.site ?? '') : (site ?? '');
    if (!person) return;
    this.name = person.name;
    this.login = person.login;
    this.roles = [...person.roles];
    this.team = person.team ?? '';
    this.trade = person.trade ?? '';
    this.language = person.language;
    this.active = person.active;
  }

  /** Whether it can be saved. */
  readonly complete = $derived.by(
    () => this.name.trim() !== '' && this.login.trim() !== '' && this.roles.length > 0,
  );

  /** A new person's login follows their name until someone types another. */
  nameTyped(): void {
    if (!this.#loginTouched) this.login = loginFrom(this.name);
  }

  /** From now on the login is as typed. */
  loginTyped(): void {
    this.#loginTouched = true;
  }

  /** Gives or takes a role. */
  toggle(role: Role): void {
    this.roles = this.roles.includes(role)
      ? this.roles.filter((one) => one !== role)
      : [...this.roles, role];
  }

  /** Saves; the id of the person, or `null` when it failed: see `error`. */
  async save(backend: Backend): Promise<string | null> {
    if (this.busy || !this.complete) return null;
    this.busy = true;
    this.error = undefined;
    try {
      const { id } = await backend.call('directory.save_person', this.#input());
      return id;
    } catch (error) {
      this.error = error;
      return null;
    } finally {
      this.busy = false;
    }
  }

  #input(): DirectorySavePerson {
    return {
      id: this.id,
      name: this.name.trim(),
      login: this.login.trim(),
      roles: this.roles,
      site: this.site || null,
      team: this.team.trim() || null,
      trade: this.trade.trim() || null,
      language: this.language,
      active: this.active,
    };
  }
}

/** `Léa Moreau-Petit` → `lea.moreau-petit`. */
export function loginFrom(name: string): string {
  return plain(name)
    .trim()
    .replace(/[^a-z0-9-]+/g, '.')
    .replace(/^\.+|\.+$/g, '');
}
