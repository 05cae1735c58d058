// How the peers in JavaScript say what they did.
import fs from "node:fs";

const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

// The most memory this process has had: MiB.
const peak = () =>
  Number(fs.readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+)/)[1]) / 1024;

export const lines = (path) => fs.readFileSync(path, "utf8").trim().split("\n");

export const say = (told) => console.log(JSON.stringify(told));

// Begins to measure; the answer says what was used until it is called.
export function measure() {
  const [begun, worked] = [performance.now(), processor()];
  return () => ({
    wall_s: (performance.now() - begun) / 1000,
    client_cpu_s: processor() - worked,
    client_peak_mb: peak(),
  });
}
