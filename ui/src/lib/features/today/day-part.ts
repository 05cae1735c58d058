/** How one greets at an hour of the day. */
export function dayPart(hour: number): 'hello' | 'evening' | 'night' {
  if (hour >= 22 || hour < 5) return 'night';
  return hour >= 18 ? 'evening' : 'hello';
}
