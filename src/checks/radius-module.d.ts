/** The part of the npm package "radius" that is used; it brings no types of its own. */
declare module 'radius' {
  const radius: {
    encode(packet: {
      readonly code: string;
      readonly secret: string;
      readonly identifier: number;
      readonly attributes: readonly (readonly [name: string, value: string | Buffer])[];
      readonly add_message_authenticator: boolean;
    }): Buffer;
  };
  export = radius;
}
