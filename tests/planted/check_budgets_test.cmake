# cmake/check_budgets.cmake lets kernels within their budgets pass and names each budget that is broken.
function(run budgets report expected)
    file(REMOVE_RECURSE ${TREE})
    file(WRITE ${TREE}/budgets.txt "# kernel registers spilled shared\n${budgets}")
    file(WRITE ${TREE}/reports/a.ptxas "${report}")
    execute_process(COMMAND ${CMAKE_COMMAND} -DBUDGETS=${TREE}/budgets.txt -DREPORTS=${TREE}/reports
                            -P ${ROOT}/cmake/check_budgets.cmake
                    RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    string(FIND "${said}" "${expected}" at)
    if(at EQUAL -1)
        message(SEND_ERROR "wanted: ${expected}\ngot: ${said}")
    endif()
    if(status EQUAL 0 AND NOT expected MATCHES "keep their budgets")
        message(SEND_ERROR "not caught: ${expected}")
    endif()
endfunction()

string(CONCAT scan "ptxas info : Compiling entry function 'void gdn2::cuda::scan<gdn2::cuda::bf16, 2>(S)' for 'sm_80'\n"
    " 8 bytes stack frame, 8 bytes spill stores, 8 bytes spill loads\n"
    "ptxas info : Used 219 registers, used 1 barriers, 80 bytes smem\n")
string(CONCAT theirs "ptxas info : Compiling entry function 'void thrust::fill<float>(S)' for 'sm_80'\n"
    " 99 bytes stack frame, 99 bytes spill stores, 99 bytes spill loads\nptxas info : Used 255 registers\n")

run("scan<bf16, 2>  219  8  80\n" "${scan}${theirs}" "1 compiled kernels keep their budgets")
run("scan<bf16, 2>  218  8  80\n" "${scan}" "scan<bf16, 2> for sm_80: 219 registers, 218 allowed")
run("scan<bf16, 2>  219  7  80\n" "${scan}" "scan<bf16, 2> for sm_80: 8 bytes spilled, 7 allowed")
run("scan<bf16, 2>  219  8  79\n" "${scan}"
    "scan<bf16, 2> for sm_80: 80 bytes of static shared memory, 79 allowed")
run("scan<bf16, 4>  255  8  80\n" "${scan}" "scan<bf16, 2>: no budget")
run("scan<bf16, 2>  219  8  80\nscan<bf16, 4>  255  8  80\n" "${scan}"
    "scan<bf16, 4>: has a budget, but ptxas reported no such")
file(REMOVE_RECURSE ${TREE}/reports)
execute_process(COMMAND ${CMAKE_COMMAND} -DBUDGETS=${TREE}/budgets.txt -DREPORTS=${TREE}/reports
                        -P ${ROOT}/cmake/check_budgets.cmake RESULT_VARIABLE status ERROR_QUIET)
if(status EQUAL 0)
    message(SEND_ERROR "not caught: no report at all")
endif()
