/** Times as people read them: their own zone, short; the exact moment belongs into a tooltip. */

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** "09:41:07" */
export function timeWithSeconds(iso: string): string {
  return clockSeconds.format(new Date(iso));
}

/** "09:41" of today, else with the day; `now` in milliseconds. */
export function moment(iso: string, now: number): string {
  const date = new Date(iso);
  const isToday = new Date(now).toDateString() === date.toDateString();
  return (isToday ? clock : dayAndClock).format(date);
}

/** "38 ms", "4.2 s", "3 min 20 s", "2 h 5 min" of milliseconds. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return withRest(minutes, 'min', Math.round(seconds % 60), 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return withRest(hours, 'h', minutes % 60, 'min');
  return withRest(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** How long ago or until, without its sign: "42 min". Whole minutes from one minute on. */
export function span(from: number, until: number): string {
  const distance = Math.abs(until - from);
  return duration(distance < 60_000 ? distance : Math.floor(distance / 60_000) * 60_000);
}

function withRest(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}
