/** Days and times as a form keeps them. */

/** This moment. */
export function today(): Date {
  return new Date();
}

/** The calendar day of a moment, on this device: `YYYY-MM-DD`. */
export function dayOf(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The time of a moment, on this device: `HH:MM`. */
export function timeOf(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The value of a date, time or date and time question for a moment. */
export function momentFor(type: string, date: Date): string {
  if (type === 'date') return dayOf(date);
  return type === 'time' ? timeOf(date) : `${dayOf(date)}T${timeOf(date)}`;
}

/** The same time one day earlier. */
export function dayBefore(date: Date): Date {
  const before = new Date(date);
  before.setDate(before.getDate() - 1);
  return before;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
