import type { ExternalCheck } from '../config/check-model.ts';
import type { Check } from './check.ts';
import { outcomeOfChild, runChild } from './child.ts';

/** What a command gets to tidy up between SIGTERM and SIGKILL. */
const graceMs = 2000;

/**
 * Runs a file as the body of a Perl subroutine whose arguments stand in both @ARGV and @_, as
 * ldirectord does for external-perl: a body that ends without exit is a success, die is none.
 */
const perlProgram = `
my $file = shift @ARGV;
open(my $in, '<', $file) or die "$file: $!\\n";
my $body = join('', <$in>);
close($in);
my $check = eval("sub { $body\\n}") or die $@;
$check->(@ARGV);
exit(0);
`;

/**
 * Up when the checkcommand exits with code 0. It is run without a shell, with the four arguments of
 * the definition, and with /dev/null for input and output. At the abort it gets SIGTERM, and
 * SIGKILL two seconds later, together with what it started. Unlike with ldirectord, death by a
 * signal is a failure.
 */
export const checkExternal: Check<ExternalCheck> = async (definition, { signal }) => {
  const { type, command, args } = definition;
  signal.throwIfAborted();
  const perl = type === 'external-perl';
  const end = await runChild({
    command: perl ? 'perl' : command,
    args: perl ? ['-e', perlProgram, '--', command, ...args] : args,
    output: 'ignore',
    signal,
    graceMs,
  });
  return outcomeOfChild(end);
};
