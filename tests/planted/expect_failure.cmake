# Runs `script` on the planted tree TREE and demands that it fails and says `words`.
function(expect_failure script words)
    execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${TREE} -P ${ROOT}/cmake/${script}
                    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    string(FIND "${said}" "${words}" at)
    if(status EQUAL 0)
        message(SEND_ERROR "not caught: ${words}")
    elseif(at EQUAL -1)
        message(SEND_ERROR "caught, but not by name; wanted: ${words}\ngot: ${said}")
    endif()
endfunction()

function(expect_success script)
    execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${TREE} -P ${ROOT}/cmake/${script}
                    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT status EQUAL 0)
        message(SEND_ERROR "a good tree was refused: ${said}")
    endif()
endfunction()
