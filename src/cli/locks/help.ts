export const LOCKS_HELP = `oplock locks - who holds which lock, for the person on call

Usage
  oplock locks list --table <name> [options]          who holds what
  oplock locks show <key> --table <name> [options]    all that a row says
  oplock locks watch <key> --table <name> [options]   a line for each change
  oplock locks break <key> --table <name> --yes       takes a lock away

The locks are those of oplock-stream/locks and of the Java DynamoDB lock client.
Only break writes.

Which table
  --table <name>          the table of the locks (required)
  --region <name>         of the AWS service, with credentials as for the AWS
                          CLI (default: AWS_REGION or your profile's)
  --endpoint <url>        any other server that speaks DynamoDB's protocol; your
                          credentials are not sent to it
  --partition-key <name>  the attribute that has the keys (key)
  --sort-key-name <name>  the attribute of the sort keys, in a table with such
  --sort-key <value>      the sort key of the lock (show, watch, break)

List
  --all                   released locks whose rows were kept, too
  --prefix <text>         only keys that begin so

Watch
  --for <seconds>         ends the watch; otherwise Ctrl-C does

Break
  --yes                   really; without it, you are told whose lock it is
  --owner <name>          who breaks it, for the row and its next owner to know
                          (default: your user name and this machine)

What to show
  --json                  one JSON value; watch: a JSON object in each line

What the states say
  held      somebody has it. Whether that one is still alive, a row can't tell:
            watch it for as long as its lease
  expired   watched for a lease, and not renewed: its owner is dead, or stuck.
            Whoever waits for it gets it
  broken    taken away by an operator. Its owner can write nothing that is
            guarded, but may believe in the lease until that is over
  released  nobody has it, and its row was kept
  free      nobody has it, and there is no row

Exit code
  0  all is right
  1  nobody has the lock (show, break)
  2  not done: the command, the table or the connection is wrong, or --yes is
     missing

Examples
  Who holds what?
    oplock locks list --table locks
  The nightly job is stuck. Is its holder alive?
    oplock locks watch nightly --table locks
  It is not, or must not be. Let somebody else do it:
    oplock locks break nightly --table locks --yes
`;
