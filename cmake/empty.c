/* A shared library made of archives needs one source of its own. */
typedef int sotto_translation_unit_not_empty;
