<?php

function value(): mixed
{
    return 1;
}
