/** Exit codes of ldirectord(8), which ipvsd keeps; `plan` has its own (see cli/plan.ts). */
export const exitCodes = {
  ok: 0,
  failure: 1,
  /** The configuration has errors. */
  configError: 2,
  /** `status`: not running (as LSB init scripts say it). */
  notRunning: 3,
  /** ldirectord's calling form used wrongly. */
  usage: 255,
} as const;
