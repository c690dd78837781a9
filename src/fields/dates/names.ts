// Month and day names in the languages a user can choose (spec field-types §2.9).

export interface CalendarNames {
  readonly months: readonly string[];
  readonly shortMonths: readonly string[];
  /** Monday first. */
  readonly days: readonly string[];
  readonly shortDays: readonly string[];
}

const list = (text: string): readonly string[] => text.split(' ');

/** Fixed tables: names must not change with the version of the runtime's own locale data. */
export const NAMES: Readonly<Record<'english' | 'spanish', CalendarNames>> = {
  english: {
    months: list('January February March April May June July August September October November December'),
    shortMonths: list('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'),
    days: list('Monday Tuesday Wednesday Thursday Friday Saturday Sunday'),
    shortDays: list('Mon Tue Wed Thu Fri Sat Sun'),
  },
  spanish: {
    months: list('enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'),
    shortMonths: list('ene feb mar abr may jun jul ago sep oct nov dic'),
    days: list('lunes martes miércoles jueves viernes sábado domingo'),
    shortDays: list('lun mar mié jue vie sáb dom'),
  },
};
