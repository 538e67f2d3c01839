# Runs Doxygen and fails on any warning but one: a member of a struct or class may go without a sentence of its own
# where its name says it all. Types, functions and constants may not.
execute_process(COMMAND ${DOXYGEN} ${CONFIGURATION} RESULT_VARIABLE status)
file(STRINGS ${WARNINGS} warnings ENCODING UTF-8)
list(FILTER warnings EXCLUDE REGEX "Member .* of (struct|class) .* is not documented")
if(NOT status EQUAL 0 OR warnings)
    list(JOIN warnings "\n" warnings)
    message(FATAL_ERROR "Doxygen:\n${warnings}")
endif()
