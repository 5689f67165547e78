import { version } from '../version.ts';

/** How http checks name themselves, so that access logs can leave them out. */
export const userAgent = `ipvsd/${version}`;
