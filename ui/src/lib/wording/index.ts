/** Words: messages, content in several languages, dates, numbers, errors. */
export {
  I18n,
  LANGUAGES,
  LANGUAGE_NAMES,
  firstLanguage,
  getI18n,
  isLanguage,
  setI18n,
  type Arguments,
  type Language,
} from './i18n.svelte';
export { errorCode, errorText } from './errors';
export { loadMessages } from './messages';
