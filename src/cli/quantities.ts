const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes with three digits that count, in powers of 1000: `1.23 GB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // From 999.5 on, three digits would round up to 1000 of the unit.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  const decimals = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(decimals)} ${byteUnits[unit]}`;
}

/** A whole number with its thousands apart: `1,234,567`. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** A number and what it counts: `1 file`, `2 files`. */
export function countOf(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Gigabytes per second: `1.25 GB/s`; two digits that count where it is slower than 0.01. */
export function rateText(bytes: number, seconds: number): string {
  const rate = seconds > 0 ? bytes / 1e9 / seconds : 0;
  return `${rate === 0 || rate >= 0.01 ? rate.toFixed(2) : rate.toPrecision(2)} GB/s`;
}

/** A span of time: `0.42 s`, `12.3 s`, `2m 10s`, `1h 02m`. */
export function durationText(seconds: number): string {
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours === 0) return `${minutes}m ${pad(whole % 60)}s`;
  return `${hours}h ${pad(minutes)}m`;
}

/** A share from 0 to 1 with three digits that count: `70.0 %`. */
export function percentText(share: number): string {
  return `${(share * 100).toPrecision(3)} %`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
