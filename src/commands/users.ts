// `trebuchet users`: the people of the app, administered from a shell.
import { Command } from 'commander';
import type { Context } from '../context.ts';
import type { UserJson } from '../users/json.ts';
import type { UserService } from '../users/service.ts';

interface PasswordOptions {
  readonly password?: string;
  readonly generate?: boolean;
}

interface AddOptions extends PasswordOptions {
  readonly firstName: string;
  readonly lastName: string;
  readonly developer?: boolean;
  readonly group?: readonly string[];
}

export function usersCommand(): Command {
  // what the commands below inherit is settled when they are made
  const command = new Command('users').description('administer the people who may log in').exitOverride();
  withPassword(
    command
      .command('add <email>')
      .description('add a user; without --developer at least one --group')
      .requiredOption('--first-name <name>', 'first name')
      .requiredOption('--last-name <name>', 'last name')
      .option('--developer', 'may do everything')
      .option('--group <names...>', 'groups; the first one is the primary group'),
  ).action(add);
  command
    .command('list')
    .description('list all users, newest first')
    .option('--json', 'as JSON, in the form of the API')
    .action(list);
  withPassword(
    command
      .command('set-password <user>')
      .description('give a user another password; frees a blocked user and ends all sessions of the user'),
  ).action(setPassword);
  command
    .command('deactivate <user>')
    .description('let a user in no more; ends all sessions of the user')
    .action((user: string) => change('deactivate', user));
  command
    .command('reactivate <user>')
    .description('let an inactive user in again')
    .action((user: string) => change('reactivate', user));
  command
    .command('unblock <user>')
    .description('free a user who was blocked by failed logins')
    .action((user: string) => change('unblock', user));
  return command;
}

/** The password is typed, or read from the input, unless one of these is given. */
function withPassword(command: Command): Command {
  return command
    .option('--password <password>', 'the password; other people of this machine can see it')
    .option('--generate', 'make a password up and print it');
}

async function add(email: string, options: AddOptions): Promise<void> {
  const { password, shown } = await choosePassword(options);
  const { firstName, lastName, developer = false, group = [] } = options;
  const user = await withUsers('add', (users, ctx) =>
    users.create(ctx, { email, firstName, lastName, password, developer, groups: group }),
  );
  process.stdout.write(`Added ${user.email} (${user.id})\n${shown}`);
}

async function setPassword(name: string, options: PasswordOptions): Promise<void> {
  const { password, shown } = await choosePassword(options);
  const user = await withUsers('set-password', (users, ctx) => users.setPassword(ctx, name, password));
  process.stdout.write(`${user.email} has a new password and is ${user.status}\n${shown}`);
}

async function change(operation: 'deactivate' | 'reactivate' | 'unblock', name: string): Promise<void> {
  const user = await withUsers(operation, (users, ctx) => users[operation](ctx, name));
  process.stdout.write(`${user.email} is ${user.status}\n`);
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const all = await withUsers('list', (users, ctx) => users.list(ctx));
  const { columns } = await import('./columns.ts');
  const header = ['email', 'name', 'status', 'developer', 'groups', 'id'];
  process.stdout.write(json ? `${JSON.stringify(all, null, 2)}\n` : columns([header, ...all.map(rowOf)]));
}

function rowOf({ id, email, fullName, status, permissions, groups }: UserJson): string[] {
  return [email, fullName, status, permissions.developer ? 'yes' : '-', groups.map(({ name }) => name).join(','), id];
}

/** The password, and what to print about it when nobody else knows it. */
async function choosePassword(options: PasswordOptions): Promise<{ password: string; shown: string }> {
  if (options.generate) {
    const { randomText } = await import('../auth/tokens.ts');
    const password = randomText(20);
    return { password, shown: `Password: ${password}\n` };
  }
  if (options.password !== undefined) {
    process.stderr.write('warning: a password on the command line can be seen by others and stays in the history\n');
    return { password: options.password, shown: '' };
  }
  const { readPassword } = await import('./read-password.ts');
  return { password: await readPassword(), shown: '' };
}

/** Does the task as system work named after the command; mistakes of fields are told one a line. */
async function withUsers<T>(name: string, task: (users: UserService, ctx: Context) => Promise<T>): Promise<T> {
  const [{ withServices }, { systemContext }, { AppError }] = await Promise.all([
    import('./with-services.ts'),
    import('../context.ts'),
    import('../errors.ts'),
  ]);
  try {
    return await withServices(({ services, config }, log) =>
      task(services.users, systemContext(`command users ${name}`, { log, zone: config.timezone })),
    );
  } catch (error) {
    if (!(error instanceof AppError) || !error.errors) throw error;
    throw new AppError(error.code, error.errors.map(({ field, message }) => `${field}: ${message}`).join('\n'));
  }
}
