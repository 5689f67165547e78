/** Why a daemon cannot begin, in one line; nothing has been changed then. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
