import type { Socket } from 'node:net';

/** Serves one connection; a server that is not well answers, but not what a check wants. */
export type TcpService = (socket: Socket, isWell: boolean) => void;

/** @returns the answer to a datagram, undefined for none. */
export type UdpService = (datagram: Buffer, isWell: boolean) => Buffer | undefined;
